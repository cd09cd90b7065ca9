import type { LangGraphRunnableConfig } from "@langchain/langgraph";

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
