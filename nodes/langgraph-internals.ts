import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { schemaMetaRegistry } from "@langchain/langgraph/zod";
import { RunTree } from "langsmith/run_trees";
import type { z } from "zod";

/**
 * Doors of LangGraph that are not public, all in one place; seen in @langchain/langgraph 1.7.3, and
 * test/nodes/langgraph-internals.test.ts fails when one changes.
 */

/**
 * The values of a step's channels. `Send` hands a node its payload alone; a payload with the whole state would be stored
 * in the checkpoint once for every speaker.
 */
export function readChannels<Values>(config: LangGraphRunnableConfig, keys: string[]): Values {
  const read = config.configurable?.__pregel_read as ((keys: string[]) => Values) | undefined;
  if (!read) throw new Error("this version of LangGraph has no configurable.__pregel_read");
  return read(keys);
}

type StreamEvents = (input: never, options: never, filter?: never) => unknown;

/**
 * LangGraph's dev server calls `streamEvents` with `recursionLimit: undefined`, which puts the default of 25 back over
 * the graph's own. Here undefined is filled in.
 */
export function keepRecursionLimit<Graph extends { streamEvents: unknown }>(
  graph: Graph,
  recursionLimit: number,
): Graph {
  const inner = (graph.streamEvents as StreamEvents).bind(graph);
  const streamEvents = (input: never, options?: { recursionLimit?: number }, filter?: never) =>
    inner(input, { ...options, recursionLimit: options?.recursionLimit ?? recursionLimit } as never, filter);
  return Object.assign(graph, { streamEvents });
}

/**
 * For every write of a node LangGraph makes two partial schemas of the state anew, and zod compiles them when they are
 * used. From here on the first one of each is kept: an object schema's `_zod.constr` is what makes its copies.
 */
export function keepPartials(state: z.ZodObject): void {
  const forUpdates = schemaMetaRegistry.getExtendedChannelSchemas(state, { withReducerSchema: true });
  for (const schema of [state, forUpdates as z.ZodObject]) keepPartial(schema);
}

function keepPartial(schema: z.ZodObject): void {
  const { constr: Copy } = schema._zod;
  const [key] = Object.entries(schema.shape).find(([, field]) => field._zod.def.type !== "optional") ?? [];
  if (key === undefined)
    throw new Error("a schema whose fields are all optional has no partial to tell from it");
  let partial: z.ZodObject | undefined;
  schema._zod.constr = function copy(def: z.ZodObject["_zod"]["def"]) {
    const field = def.shape[key]?._zod.def as { type: string; innerType?: unknown } | undefined;
    const isPartial = field?.type === "optional" && field.innerType === schema.shape[key];
    if (!isPartial) return new Copy(def);
    partial ??= new Copy(def) as z.ZodObject;
    return partial;
  } as unknown as typeof Copy;
}

const CHILD_CONFIG = Symbol.for("lc:child_config");

/**
 * Where no LangChainTracer listens LangChain still makes a RunTree for each runnable that it calls, several at each node, only
 * to hang the config on it. Here one serves as the prototype of all. This changes LangChain for the whole process, so only programs
 * of our own that run many rollouts ask for it.
 */
export function shareUntracedRun(): void {
  const storage = AsyncLocalStorageProviderSingleton;
  const inner = storage.runWithConfig.bind(storage);
  const untraced = new RunTree({ name: "<runnable_lambda>", tracingEnabled: false });
  storage.runWithConfig = (config, work, avoids) =>
    inner(
      config,
      () => {
        const found = storage.getInstance().getStore();
        if (avoids || found instanceof RunTree) return work();
        const own = { child_runs: [], extra: { ...untraced.extra, [CHILD_CONFIG]: config } };
        return storage
          .getInstance()
          .run(Object.assign(Object.create(untraced), found, own), work) as ReturnType<typeof work>;
      },
      true,
    );
}
