import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vitest from "vitest";
import { FileCheckpointer } from "../../runtime/file-checkpointer.ts";

/**
 * LangGraph's own specification of a checkpointer, which asks for vitest's globals. A thread keeps its newest
 * checkpoint alone, so what needs an older one cannot hold here:
 * - `list`: of the checkpoints that a case expects, those that a newer one of their thread replaced are left out.
 * - "should migrate pending sends" reads writes of an older checkpoint, for a format (v < 4) that this checkpointer
 *   never wrote: it must fail, and is told to.
 */
const newest = new Map<string, string>();

class Recorded extends FileCheckpointer {
  override async put(...args: Parameters<FileCheckpointer["put"]>) {
    const config = await super.put(...args);
    newest.set(`${config.configurable.thread_id} ${config.configurable.checkpoint_ns}`, args[1].id);
    return config;
  }
}

interface ListCase {
  description: string;
  expectedCheckpointIds: string[];
}

const onlyNewest = (given: ListCase): ListCase => {
  const kept = new Set(newest.values());
  return { ...given, expectedCheckpointIds: given.expectedCheckpointIds.filter((id) => kept.has(id)) };
};

const it = Object.assign(
  (name: string, work: () => Promise<void>) =>
    (name === "should migrate pending sends" ? vitest.it.fails : vitest.it)(name, work),
  {
    each: (cases: ListCase[]) => (name: string, work: (given: ListCase) => Promise<void>) =>
      vitest.it.each(cases)(name, (given) => work(onlyNewest(given))),
    skip: vitest.it.skip,
  },
);

const { describe, expect, beforeAll, beforeEach, afterAll, afterEach } = vitest;
Object.assign(globalThis, { describe, it, expect, beforeAll, beforeEach, afterAll, afterEach });
const { specTest } = await import("@langchain/langgraph-checkpoint-validation");

specTest({
  checkpointerName: "FileCheckpointer",
  createCheckpointer: () => new Recorded(mkdtempSync(join(tmpdir(), "boardroom-specification-"))),
});
