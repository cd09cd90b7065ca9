import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { END, getConfig, Overwrite, Send, START, StateGraph } from "@langchain/langgraph";
import { withLangGraph } from "@langchain/langgraph/zod";
import { RunTree } from "langsmith";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  keepPartials,
  keepRecursionLimit,
  readChannels,
  shareUntracedRun,
} from "../../nodes/langgraph-internals.ts";
import { unwrapUpdate } from "../../state/overwrite.ts";

const list = withLangGraph(z.array(z.string()), {
  default: (): string[] => [],
  reducer: { schema: z.array(z.string()), fn: (old: string[], fresh: string[]) => [...old, ...fresh] },
});
const State = z.object({ topic: z.string(), said: list });

test("a node that was sent to by Send reads the step's channels", async () => {
  const graph = new StateGraph(State)
    .addNode("speak", (input, config) => {
      const { topic } = readChannels<z.infer<typeof State>>(config, ["topic", "said"]);
      return { said: [`${(input as unknown as { who: string }).who} on ${topic}`] };
    })
    .addConditionalEdges(START, () => ["Ada", "Carl"].map((who) => new Send("speak", { who })), ["speak"])
    .addEdge("speak", END)
    .compile();
  const { said } = await graph.invoke({ topic: "primes" });
  expect(said).toEqual(["Ada on primes", "Carl on primes"]);
});

test("streamEvents with an undefined recursion limit keeps the graph's own", async () => {
  const steps = 40; // above LangGraph's default of 25
  const graph = new StateGraph(State)
    .addNode("step", () => ({ said: ["."] }))
    .addEdge(START, "step")
    .addConditionalEdges("step", ({ said }) => (said.length < steps ? "again" : "done"), {
      again: "step",
      done: END,
    })
    .compile();
  const walk = async (walked: typeof graph) => {
    const options = { version: "v2" as const, recursionLimit: undefined as unknown as number };
    for await (const _ of walked.streamEvents({ topic: "t", said: [] }, options));
  };
  await expect(walk(graph.withConfig({ recursionLimit: 100 }) as typeof graph)).rejects.toThrow(/recursion/i);
  await walk(keepRecursionLimit(graph.withConfig({ recursionLimit: 100 }) as typeof graph, 100));
});

test("a value that replaces a list is wrapped as `__overwrite__` in a trace", () => {
  const wrapped = { said: new Overwrite(["new"]), topic: "t" };
  expect(JSON.parse(JSON.stringify(wrapped)).said).toEqual({ __overwrite__: ["new"] });
  for (const update of [wrapped, JSON.parse(JSON.stringify(wrapped))])
    expect(unwrapUpdate(update)).toEqual({ said: ["new"], topic: "t" });
});

test("partial schemas of the state are asked for at each write, made once, and check what is written", async () => {
  const Talk = z.object({ topic: z.string(), said: list });
  keepPartials(Talk);
  const kept = Talk._zod.constr;
  const made: unknown[] = [];
  Talk._zod.constr = function copy(def: never) {
    made.push(new kept(def));
    return made.at(-1);
  } as unknown as typeof kept;
  const graph = new StateGraph(Talk)
    .addNode("right", () => ({ said: ["."], topic: "u" }))
    .addNode("wrong", () => ({ said: "no list" as unknown as string[] }))
    .addEdge(START, "right")
    .addConditionalEdges("right", ({ topic, said }) => (said.length < 5 ? "right" : topic), {
      right: "right",
      u: "wrong",
    })
    .compile();
  await expect(graph.invoke({ topic: "t", said: [] })).rejects.toThrow(/expected array/);
  expect(made.length).toBeGreaterThanOrEqual(6);
  expect(new Set(made).size).toBe(1);
  const more = Talk.extend({ more: z.number() });
  expect(more.parse({ topic: "t", said: [], more: 1 })).toEqual({ topic: "t", said: [], more: 1 });
  expect(() => Talk.parse({ said: [] })).toThrow(/topic/);
});

test("runs that nobody traces share a RunTree, and each finds its own config, children and variables", async () => {
  shareUntracedRun();
  const trees: RunTree[] = [];
  const found: unknown[] = [];
  const look = () => {
    const tree = AsyncLocalStorageProviderSingleton.getInstance().getStore() as RunTree;
    trees.push(tree);
    tree.child_runs.push(tree);
    found.push(getConfig()?.configurable?.who);
    return { said: [tree instanceof RunTree && !tree.tracingEnabled ? "untraced" : "traced"] };
  };
  const graph = new StateGraph(State)
    .addNode("one", look)
    .addNode("two", look)
    .addEdge(START, "one")
    .addEdge("one", "two")
    .addEdge("two", END)
    .compile();
  const ask = (who: string, callbacks?: [LangChainTracer]) =>
    graph.invoke({ topic: "t", said: [] }, { configurable: { who }, ...(callbacks && { callbacks }) });
  const both = await Promise.all([ask("Ada"), ask("Carl")]);
  expect(both.map(({ said }) => said)).toEqual([
    ["untraced", "untraced"],
    ["untraced", "untraced"],
  ]);
  expect(found.sort()).toEqual(["Ada", "Ada", "Carl", "Carl"]);
  expect(trees.map(({ child_runs }) => child_runs.length)).toEqual([1, 1, 1, 1]);
  expect(Object.keys(trees[0]!)).not.toContain("id"); // it is the prototype's

  const client = { createRun: async () => {}, updateRun: async () => {} } as never;
  expect((await ask("Eve", [new LangChainTracer({ client })])).said).toEqual(["traced", "traced"]);
});
