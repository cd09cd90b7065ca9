import { isModelCall, parentOf, type TracedRun } from "./traced-run.ts";

/** What a node did: its run, whose outputs are its update of the state, and the model calls below it. */
export interface NodeRun {
  run: TracedRun;
  calls: TracedRun[];
}

/** One run of a graph of ours, as a trace of any LangGraph server holds it, or the traces of its parts where it was resumed. */
export interface GraphRun {
  /** Of the trace in which it began, or left the run that it is a fork of. */
  id: string;
  /** Its parts, the oldest first. What a fork has of another run is no part of it. */
  traces: string[];
  /** How it ended; of several parts the last one's, with the beginning of the first. */
  root: TracedRun;
  /** In the order in which their updates were applied. */
  nodes: NodeRun[];
  /** All model calls, those of broken tries too, in the order in which they began. */
  calls: TracedRun[];
  /** A step that is there though the one before it is not; null where none is missing. */
  gap: number | null;
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
  const above = runs.find(({ id }) => id === parentOf(root));
  return { id: root.trace_id, traces: [root.trace_id], root, nodes, calls, gap: gapIn(nodes), above };
}

function gapIn(nodes: readonly NodeRun[]): number | null {
  const steps = new Set(nodes.map(({ run }) => stepOf(run)));
  const first = Math.min(...steps);
  return [...steps].find((step) => step > first && !steps.has(step - 1)) ?? null;
}

const isNode = (run: TracedRun): boolean =>
  !isModelCall(run) && run.metadata?.langgraph_node !== undefined && run.metadata.langgraph_node === run.name;

const beginning = ({ dotted_order, start_time }: TracedRun): string => dotted_order ?? start_time;

export const byTime = (a: TracedRun, b: TracedRun): number =>
  beginning(a) < beginning(b) ? -1 : beginning(a) > beginning(b) ? 1 : 0;

/** LangGraph applies the updates of a superstep in the order of its tasks, whichever began first. */
export const byStep = (a: TracedRun, b: TracedRun): number =>
  stepOf(a) - stepOf(b) || branchOf(a) - branchOf(b) || byTime(a, b);

export const stepOf = ({ metadata }: TracedRun): number => Number(metadata?.langgraph_step ?? 0);

/** Which Send of a fan-out it is: a task's path is `["__pregel_push", index, …]` (LangGraph 1.7). */
function branchOf({ metadata }: TracedRun): number {
  const path = metadata?.langgraph_path;
  return Array.isArray(path) && typeof path[1] === "number" ? path[1] : 0;
}
