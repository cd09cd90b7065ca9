/** Supersteps a run may take: a fuse, far above what turns, rounds and samples allow. */
const FUSE = 500;

type Stream = (input: never, options: never, filter?: never) => unknown;
interface Compiled {
  name?: string;
  withConfig(config: { recursionLimit: number; metadata: Record<string, unknown> }): unknown;
  streamEvents: unknown;
}

/**
 * Lifts LangGraph's recursion limit of 25, which two turns of a discussion pass. The dev server asks streamEvents for
 * `recursionLimit: undefined`, which would put the 25 back, so undefined is filled in there too. The mode goes into the
 * metadata, so that traces of any server have it.
 */
export function withRecursionLimit<Graph extends Compiled>(graph: Graph): Graph {
  const metadata = { boardroom_mode: graph.name };
  const fused = graph.withConfig({ recursionLimit: FUSE, metadata }) as Graph;
  const inner = (fused.streamEvents as Stream).bind(fused);
  const streamEvents = (input: never, options?: { recursionLimit?: number }, filter?: never) =>
    inner(input, { ...options, recursionLimit: options?.recursionLimit ?? FUSE } as never, filter);
  return Object.assign(fused, { streamEvents });
}
