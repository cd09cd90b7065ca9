import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localClient } from "../../../tracing/local/client.ts";
import { openStore } from "../../../tracing/local/store.ts";
import { collected } from "../../collected.ts";

const program = join(import.meta.dirname, "ingesting.ts");

/** A process that ingests; `answered` are the ids of the runs that were kept, by what it was told. */
function ingesting(file: string, batches: number) {
  const child = spawn(process.execPath, ["--import", "tsx", program, file, String(batches)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  return { child, answered: () => text.split("\n").slice(0, -1) };
}

const ended = async (child: ChildProcess): Promise<number | null> => (await once(child, "close"))[0];

async function idsIn(file: string): Promise<Set<string>> {
  const store = openStore(file);
  const client = localClient({ store });
  const { id } = await client.readProject({ projectName: "crowd" });
  const runs = await collected(client.runs.query({ project_ids: [id], run_type: "LLM", page_size: 97 }));
  store.close();
  const ids = new Set(runs.map((run) => run.id!));
  expect(ids.size, "no run twice over the pages").toBe(runs.length);
  return ids;
}

test("three processes write at once while one reads: nothing is lost", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-crowd-")), "traces.db");
  const writers = [1, 2, 3].map(() => ingesting(file, 40));
  const counts: number[] = [];
  const store = openStore(file);
  const reading = setInterval(() => {
    counts.push(store.get<{ n: number }>("SELECT count(*) AS n FROM runs")!.n);
  }, 20);
  const codes = await Promise.all(writers.map(({ child }) => ended(child)));
  clearInterval(reading);
  store.close();
  expect(codes).toEqual([0, 0, 0]);
  expect(counts.filter((count) => count > 0 && count < 2400).length).toBeGreaterThan(0);
  expect(counts.every((count) => count % 20 === 0)).toBe(true); // a batch is seen whole or not at all
  const all = writers.flatMap(({ answered }) => answered());
  expect(all).toHaveLength(3 * 40 * 20);
  expect(await idsIn(file)).toEqual(new Set(all));
}, 60_000);

test("what was answered before a SIGKILL is there after it", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-kill-")), "traces.db");
  const writer = ingesting(file, 1_000_000);
  await expect.poll(() => writer.answered().length, { timeout: 20_000 }).toBeGreaterThan(500);
  writer.child.kill("SIGKILL");
  await ended(writer.child);
  const kept = await idsIn(file);
  const answered = writer.answered();
  expect(answered.filter((id) => !kept.has(id))).toEqual([]);
  // No more than the one batch whose answer was cut off.
  expect(kept.size - answered.length).toBeLessThanOrEqual(20);
}, 60_000);
