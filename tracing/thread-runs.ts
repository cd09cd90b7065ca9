import { type CheckpointTime, checkpointTime } from "./checkpoint-id.ts";
import { byStep, byTime, type GraphRun, type NodeRun, stepOf } from "./graph-run.ts";
import type { TracedRun } from "./traced-run.ts";

/** The thread that a run was kept on; null where it had none. */
export const threadOf = ({ metadata }: Pick<TracedRun, "metadata">): string | null =>
  typeof metadata?.thread_id === "string" ? metadata.thread_id : null;

/** Whether a run was given a question; one that goes on with its thread is given none. */
export const hasQuestion = ({ inputs }: Pick<TracedRun, "inputs">): boolean =>
  inputs?.task != null || inputs?.messages != null;

/**
 * The runs of a thread, out of its traces: the parts of one that was broken off and resumed are one, a second question is a
 * run of its own, and so is a fork, with what its checkpoint has of the run that it left. A part whose beginning is not among
 * the traces, or that follows a state which somebody edited (LangGraph traces no edits), stays by itself.
 */
export function runsOfThread(traces: readonly GraphRun[]): GraphRun[] {
  let runs: GraphRun[] = [];
  for (const part of [...traces].sort((a, b) => byTime(a.root, b.root))) {
    const checkpoint = checkpointTime(String(part.root.metadata?.checkpoint_id));
    const origin = checkpoint ? holderOf(checkpoint, runs) : runs.at(-1);
    if (!origin || hasQuestion(part.root)) runs.push(part);
    else if (checkpoint && lastStep(origin.nodes) > checkpoint.step)
      runs.push(forkRun(origin, checkpoint.step, part));
    else if (checkpoint || follows(part, origin))
      runs = [...runs.filter((run) => run !== origin), joinRuns(origin, part)];
    else runs.push(part);
  }
  return runs;
}

/** The last of a thread's runs is the one worked on last: what is resumed without a checkpoint goes on with it. */
function follows(part: GraphRun, run: GraphRun): boolean {
  const first = Math.min(...part.nodes.map((node) => stepOf(node.run)));
  const last = lastStep(run.nodes);
  return first === Number.POSITIVE_INFINITY || last < 0 || first === last || first === last + 1;
}

/** The run that was being worked on when the checkpoint was made: no later step of it had begun. */
function holderOf({ step, made }: CheckpointTime, runs: readonly GraphRun[]): GraphRun | undefined {
  const beganBefore = ({ start_time }: TracedRun) => Date.parse(start_time) < made;
  return runs.findLast(
    ({ root, nodes }) =>
      beganBefore(root) && !nodes.some(({ run }) => stepOf(run) > step && beganBefore(run)),
  );
}

const isDone = ({ run }: NodeRun): boolean => run.outputs != null && !run.error;

/** -1 where no node has ended. */
const lastStep = (nodes: readonly NodeRun[]): number =>
  Math.max(-1, ...nodes.filter(isDone).map(({ run }) => stepOf(run)));

function joinRuns(run: GraphRun, part: GraphRun): GraphRun {
  const { root } = part;
  return {
    ...run,
    traces: [...run.traces, ...part.traces],
    root: {
      ...root,
      trace_id: run.root.trace_id,
      start_time: run.root.start_time,
      inputs: run.root.inputs,
      metadata: { ...run.root.metadata, ...root.metadata },
      reference_example_id: root.reference_example_id ?? run.root.reference_example_id,
      feedback_stats: root.feedback_stats ?? run.root.feedback_stats,
    },
    nodes: lastTries([...run.nodes, ...part.nodes]),
    calls: [...run.calls, ...part.calls],
    gap: run.gap ?? part.gap,
  };
}

function forkRun(run: GraphRun, step: number, part: GraphRun): GraphRun {
  const nodes = run.nodes.filter((node) => stepOf(node.run) <= step);
  return {
    ...part,
    nodes: lastTries([...nodes, ...part.nodes]),
    calls: [...run.calls.filter((call) => stepOf(call) <= step), ...part.calls],
    gap: run.gap !== null && run.gap <= step ? run.gap : part.gap,
  };
}

/** A task that was cut off runs again when its thread is resumed; what it wrote then is what holds. */
function lastTries(nodes: readonly NodeRun[]): NodeRun[] {
  const byTask = new Map<string, NodeRun>();
  for (const node of nodes) {
    const { name, metadata } = node.run;
    const task = JSON.stringify([stepOf(node.run), name, metadata?.langgraph_path]);
    const before = byTask.get(task);
    if (!before || isDone(node) || !isDone(before)) byTask.set(task, node);
  }
  return [...byTask.values()].sort((a, b) => byStep(a.run, b.run));
}
