import { RunnableLambda } from "@langchain/core/runnables";
import { RunTree } from "langsmith/run_trees";
import { expect, test, vi } from "vitest";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { tracerCallbacks } from "../../tracing/tracer.ts";

/** How many run trees the tracer makes of a run with so many runs below it, one after the other. */
async function treesOf(children: number): Promise<number> {
  const store = openStore(":memory:");
  const client = localClient({ store });
  const made = vi.spyOn(RunTree as unknown as { getDefaultConfig(): object }, "getDefaultConfig");
  const child = RunnableLambda.from((n: number) => n);
  const parent = RunnableLambda.from(async (n: number, config) => {
    for (let i = 0; i < n; i++) await child.invoke(i, config);
    return n;
  });
  await parent.invoke(children, { callbacks: tracerCallbacks(client, "p") });
  await client.awaitPendingTraceBatches();
  const kept = store.get<{ n: number }>("SELECT count(*) AS n FROM runs WHERE end_time IS NOT NULL");
  store.close();
  expect(kept?.n).toBe(children + 1);
  const { length } = made.mock.calls;
  made.mockRestore();
  return length;
}

test("the work of tracing grows with the number of runs, not with its square", async () => {
  const [few, more, many] = [await treesOf(20), await treesOf(40), await treesOf(80)];
  expect(many - more).toBeLessThan(2.2 * (more - few));
});
