import fs, { type PathLike } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { board, scriptedServer } from "../scripted-server.ts";

const SPEAKERS = 10;
const LENGTH = 1000;

/** What a thread takes on disk, and what is written for it, per byte of text said in utterances of 1 kB. */
export default async function threads(): Promise<void> {
  const home = fs.mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  process.env.BOARDROOM_HOME = home;
  const written = countWrites(home);
  const { solve: solveOn } = await import("../../runtime/solve.ts"); // after the counters are in place
  const rows = [];
  for (const utterances of [10, 100, 200]) {
    const rounds = utterances / SPEAKERS - 1;
    const decisions = [{ action: "recruit" as const, experts: SPEAKERS }, { action: "finish" as const }];
    const script = board({ decisions, experts: SPEAKERS, format: "debate", rounds, tokensPerTurn: 1024 });
    let said = 0;
    const solve = () => {
      const end = `\nAnswer: ${said++}`; // no two agree
      return "It follows from the second step. ".repeat(LENGTH / 33 + 1).slice(0, LENGTH - end.length) + end;
    };
    const server = await scriptedServer({ ...script, solve, "*": solve });
    process.env.OPENAI_BASE_URL = server.url;
    const before = written();
    const began = process.cpuUsage();
    const thread = `bench-${utterances}`;
    const settings = { model: "scripted", budgetTokens: 100_000_000, maxExperts: SPEAKERS, rounds: 20 };
    const result = await solveOn({ mode: "ceo", task: { question: "Why?", kind: "math" }, thread, settings });
    const { user, system } = process.cpuUsage(began);
    await server.close();
    const text = said * LENGTH;
    const folder = join(home, "threads", thread);
    const size = (name: RegExp) =>
      fs
        .readdirSync(folder)
        .filter((file) => name.test(file))
        .reduce((sum, file) => sum + fs.statSync(join(folder, file)).size, 0);
    rows.push({
      utterances: said,
      "text, kB": text / 1000,
      "on disk / text": ratio(size(/./), text),
      "checkpoints / text": ratio(size(/^checkpoint/), text),
      "journal / text": ratio(size(/^spend/), text),
      "written / text": ratio(written() - before, text),
      "cpu, ms a call": Math.round((user + system) / 1000 / result.usage.calls),
    });
  }
  console.table(rows);
  fs.rmSync(home, { recursive: true });
}

const ratio = (bytes: number, text: number) => Math.round((100 * bytes) / text) / 100;

/** Counts the bytes that this process writes to files under a folder, by whichever call of node:fs. */
function countWrites(folder: string): () => number {
  let bytes = 0;
  // A call of node:fs that is made of others counts once.
  let inside = false;
  const count = (file: unknown, data: unknown) => {
    if (inside) return;
    if (typeof file === "number" || `${file}`.startsWith(folder)) bytes += Buffer.byteLength(data as string);
  };
  const { appendFileSync, writeFileSync, writeSync } = fs;
  const { writeFile } = promises;
  const within = <T>(work: () => T): T => {
    inside = true;
    try {
      return work();
    } finally {
      inside = false;
    }
  };
  fs.appendFileSync = (file, data, options) => {
    count(file, data);
    within(() => appendFileSync(file, data, options));
  };
  fs.writeFileSync = (file, data, options) => {
    count(file, data);
    within(() => writeFileSync(file, data, options));
  };
  fs.writeSync = ((descriptor: number, data: Uint8Array, ...rest: number[]) => {
    if (!inside) bytes += data.length - (rest[0] ?? 0);
    return writeSync(descriptor, data, ...(rest as []));
  }) as typeof fs.writeSync;
  promises.writeFile = async (file, data, options) => {
    count(file as PathLike, data);
    return writeFile(file, data, options);
  };
  syncBuiltinESMExports();
  return () => bytes;
}
