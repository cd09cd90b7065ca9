import { z } from "zod";

const json = z.record(z.string(), z.unknown());

/** A run as LangSmith's API v2 gives it, with the fields that curation selects. */
export const Run = z.object({
  id: z.string(),
  trace_id: z.string(),
  parent_run_ids: z.array(z.string()).nullish(),
  name: z.string().nullish(),
  run_type: z.string().nullish(),
  status: z.string().nullish(),
  start_time: z.string(),
  end_time: z.string().nullish(),
  dotted_order: z.string().nullish(),
  inputs: json.nullish(),
  outputs: json.nullish(),
  metadata: json.nullish(),
  error: z.string().nullish(),
  reference_example_id: z.string().nullish(),
  project_id: z.string().nullish(),
  feedback_stats: z.record(z.string(), z.looseObject({ avg: z.number().nullish() })).nullish(),
});
export type Run = z.infer<typeof Run>;

/** One run of a graph: its root, its nodes in the order in which they began, and their model calls. */
export interface Trace {
  id: string;
  root: Run;
  nodes: { run: Run; calls: Run[] }[];
  /** All model calls that the trace holds. */
  calls: number;
  /** Of the root, else of the experiment's run above it. */
  example: string | null;
  /** Mean of the feedback `score` on either. */
  score: number | null;
}

const nodeNames = [
  "plan",
  "ceo",
  "recruit",
  "discuss",
  "solve",
  "critique",
  "execute",
  "evaluate",
  "conclude",
];

const mode = (run: Run | undefined): unknown => run?.metadata?.boardroom_mode;
const parentOf = ({ parent_run_ids }: Run): string | undefined => parent_run_ids?.at(-1);
const isLlm = ({ run_type }: Run): boolean => run_type?.toLowerCase() === "llm";
const place = (run: Run): string => run.dotted_order ?? run.start_time;
const inOrder = (a: Run, b: Run): number => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0);

/**
 * The graph run among the runs of a trace; null where there is none, or its root is missing. Inside an experiment the
 * graph's root stands below the experiment's own run, which bears example and feedback.
 */
export function traceOf(runs: readonly Run[]): Trace | null {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const parents = new Set(runs.filter(isNode).flatMap((run) => parentOf(run) ?? []));
  const candidates = runs.filter((run) => !isLlm(run) && mode(run) !== undefined && !isNode(run));
  const root = candidates.find(({ id }) => parents.has(id)) ?? candidates.sort(inOrder)[0];
  if (!root) return null;
  const above = byId.get(parentOf(root) ?? "");
  const nodes = runs
    .filter((run) => parentOf(run) === root.id && isNode(run))
    .sort(inOrder)
    .map((run) => ({ run, calls: [] as Run[] }));
  const nodeOf = new Map(nodes.map((node) => [node.run.id, node]));
  const llm = runs.filter(isLlm).sort(inOrder);
  for (const call of llm)
    (call.parent_run_ids ?? [])
      .flatMap((id) => nodeOf.get(id) ?? [])
      .at(-1)
      ?.calls.push(call);
  const scoreOf = (run: Run | undefined) => run?.feedback_stats?.score?.avg ?? null;
  return {
    id: root.trace_id,
    root,
    nodes,
    calls: llm.length,
    example: root.reference_example_id ?? above?.reference_example_id ?? null,
    score: scoreOf(root) ?? scoreOf(above),
  };
}

/** A run of a node: the roots, which are named by the mode (`ceo` is a node's name, too), are given a task. */
const isNode = (run: Run): boolean =>
  nodeNames.includes(run.name ?? "") &&
  !isLlm(run) &&
  parentOf(run) !== undefined &&
  run.inputs?.task === undefined;
