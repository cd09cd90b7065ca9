import { keepRecursionLimit } from "../nodes/langgraph-internals.ts";
import { Settings } from "../state/settings.ts";

/**
 * Most supersteps that a run under these settings may take. A turn without rounds has ten: decision, recruit, discuss, solve,
 * discuss, execute, a decision to execute and the execution, one to evaluate and the verdict. A round has four: critique,
 * discuss, solve, discuss. One turn more than the settings allow may be taken for an answer.
 */
export const maxSupersteps = ({
  maxTurns,
  rounds,
  samples,
}: Pick<Settings, "maxTurns" | "rounds" | "samples">): number =>
  10 + Math.max((maxTurns + 1) * (10 + 4 * rounds), 2 * samples);

const largest = (setting: "maxTurns" | "rounds" | "samples"): number =>
  Settings.shape[setting].unwrap().maxValue ?? 0;

/** What no settings can reach: caps stop a run, this is a fuse. */
const RECURSION_LIMIT =
  2 *
  maxSupersteps({ maxTurns: largest("maxTurns"), rounds: largest("rounds"), samples: largest("samples") });

interface Compiled {
  name?: string;
  withConfig(config: { recursionLimit: number; metadata: Record<string, unknown> }): unknown;
  streamEvents: unknown;
}

/**
 * Lifts LangGraph's recursion limit of 25, which two turns of a discussion pass. The mode goes into the metadata, so that
 * nodes and traces of any server have it.
 */
export function withRecursionLimit<Graph extends Compiled>(graph: Graph): Graph {
  const metadata = { boardroom_mode: graph.name };
  const lifted = graph.withConfig({ recursionLimit: RECURSION_LIMIT, metadata }) as Graph;
  return keepRecursionLimit(lifted, RECURSION_LIMIT);
}
