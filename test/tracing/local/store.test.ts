import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localClient } from "../../../tracing/local/client.ts";
import { openStore, storeFile } from "../../../tracing/local/store.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-store-"));

test("it lies in the home, and two that are open see each other's changes", async () => {
  expect(storeFile()).toBe(join(process.env.BOARDROOM_HOME!, "traces.db"));
  const one = localClient();
  const other = localClient();
  await one.createProject({ projectName: "shared" });
  const { id } = await other.readProject({ projectName: "shared" });
  await expect(other.createProject({ projectName: "shared" })).rejects.toMatchObject({
    name: "LangSmithConflictError",
  });
  await other.updateProject(id, { description: "changed", metadata: { by: "other" } });
  expect(await one.readProject({ projectId: id })).toMatchObject({
    description: "changed",
    extra: { metadata: { by: "other" } },
  });
  await one.deleteProject({ projectId: id });
  expect(await other.hasProject({ projectName: "shared" })).toBe(false);
});

test("a file that is not a store, or is one of a later release, is one sentence", () => {
  const text = join(folder, "text.db");
  writeFileSync(text, "this is not a database, however long it is".repeat(50));
  expect(() => openStore(text)).toThrow(`the local store ${text} cannot be opened: file is not a database`);
  const later = join(folder, "later.db");
  const store = openStore(later);
  store.run("PRAGMA user_version = 99");
  store.close();
  expect(() => openStore(later)).toThrow(/was made by a later release of Boardroom/);
});

test("what was written stands in the one file when it is closed", () => {
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-store-")), "traces.db");
  const store = openStore(file);
  for (let n = 0; n < 100; n++)
    store.run(
      "INSERT INTO projects (id, name, start_time) VALUES (?, ?, 0)",
      `${n}`,
      `${n} ${"x".repeat(10_000)}`,
    );
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(1_000_000);
  store.close();
  expect(statSync(file).size).toBeGreaterThan(1_000_000);
  expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
});
