import { isModelCall, parentOf, type TracedRun } from "./traced-run.ts";

/** What a node did: its run, whose outputs are its update of the state, and the model calls below it. */
export interface NodeRun {
  run: TracedRun;
  calls: TracedRun[];
}

/** One run of a graph of ours, as a trace of any LangGraph server holds it. */
export interface GraphRun {
  root: TracedRun;
  /** In the order in which their updates were applied. */
  nodes: NodeRun[];
  /** All model calls of the trace, in the order in which they began. */
  calls: TracedRun[];
  /** The run that the graph ran in: an experiment's. */
  above: TracedRun | undefined;
}

/** Null where a trace holds no run of a graph of ours, or its root is missing. */
export function graphRunOf(runs: readonly TracedRun[]): GraphRun | null {
  const parents = new Set(runs.filter(isNode).map(parentOf));
  const roots = runs
    .filter((run) => run.metadata?.boardroom_mode !== undefined && !isModelCall(run) && !isNode(run))
    .sort(byTime);
  const root = roots.find(({ id }) => parents.has(id)) ?? roots[0];
  if (!root) return null;
  const nodes: NodeRun[] = runs
    .filter((run) => parentOf(run) === root.id && isNode(run) && run.name !== "__start__")
    .sort(byStep)
    .map((run) => ({ run, calls: [] }));
  const nodeOf = new Map(nodes.map((node) => [node.run.id, node]));
  const calls = runs.filter(isModelCall).sort(byTime);
  for (const call of calls)
    (call.parent_run_ids ?? [])
      .flatMap((id) => nodeOf.get(id) ?? [])
      .at(-1)
      ?.calls.push(call);
  return { root, nodes, calls, above: runs.find(({ id }) => id === parentOf(root)) };
}

const isNode = (run: TracedRun): boolean =>
  !isModelCall(run) && run.metadata?.langgraph_node !== undefined && run.metadata.langgraph_node === run.name;

const beginning = ({ dotted_order, start_time }: TracedRun): string => dotted_order ?? start_time;

const byTime = (a: TracedRun, b: TracedRun): number =>
  beginning(a) < beginning(b) ? -1 : beginning(a) > beginning(b) ? 1 : 0;

/** LangGraph applies the updates of a superstep in the order of its tasks, whichever began first. */
const byStep = (a: TracedRun, b: TracedRun): number =>
  stepOf(a) - stepOf(b) || branchOf(a) - branchOf(b) || byTime(a, b);

export const stepOf = ({ metadata }: TracedRun): number => Number(metadata?.langgraph_step ?? 0);

/** Which Send of a fan-out it is: a task's path is `["__pregel_push", index, …]` (LangGraph 1.7). */
function branchOf({ metadata }: TracedRun): number {
  const path = metadata?.langgraph_path;
  return Array.isArray(path) && typeof path[1] === "number" ? path[1] : 0;
}
