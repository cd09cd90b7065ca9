import { z } from "zod";
import { allOf, type Condition, conditionOf, type FeedbackWindow } from "./condition.ts";
import { type Filter, parseFilter } from "./filter.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { Refusal } from "./refusal.ts";
import type { Store, Value } from "./store.ts";
import { micros } from "./time.ts";
import { isField, runsOf } from "./view.ts";

const DAY_MS = 86_400_000;

const Select = z.string().refine(isField, "is not a field of a run");
export const Window = {
  min_start_time: z.string().optional(),
  max_start_time: z.string().optional(),
  min_feedback_modified_at: z.string().optional(),
  max_feedback_modified_at: z.string().optional(),
  trace_filter: z.string().optional(),
  tree_filter: z.string().optional(),
  selects: z.array(Select).default([]),
  page_size: z.int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
};
export const guids = z.array(z.guid());

/** The body of `POST /api/v2/runs/query`. */
export const RunsQuery = z.strictObject({
  ...Window,
  project_ids: guids.optional(),
  reference_dataset_id: z.guid().optional(),
  ids: guids.optional(),
  run_type: z.string().optional(),
  is_root: z.boolean().optional(),
  has_error: z.boolean().optional(),
  trace_id: z.guid().optional(),
  reference_examples: guids.optional(),
  filter: z.string().optional(),
});
export type RunsQuery = z.infer<typeof RunsQuery>;

interface Project {
  key: number;
  start_time: number;
}

/** One page of runs, the newest first, as LangSmith's second API answers. */
export function queryRuns(store: Store, query: RunsQuery) {
  if (!query.project_ids === !query.reference_dataset_id)
    throw new Refusal(422, "Name project_ids or reference_dataset_id, one of the two.");
  const projects = query.reference_dataset_id
    ? store.all<Project>(
        "SELECT key, start_time FROM projects WHERE reference_dataset_id = ?",
        query.reference_dataset_id,
      )
    : store.all<Project>(
        "SELECT key, start_time FROM projects WHERE id IN (SELECT value FROM json_each(?))",
        JSON.stringify(query.project_ids),
      );
  // A trap of LangSmith that is kept: what is older than a day must be asked for, except in a dataset's experiments.
  const since = query.reference_dataset_id
    ? Math.min(...projects.map(({ start_time }) => start_time))
    : (Date.now() - DAY_MS) * 1000;
  const from = micros(query.min_start_time) ?? since;
  const to = micros(query.max_start_time) ?? Date.now() * 1000;
  const feedback = feedbackWindow(query);
  const { page_size, cursor, selects, ...question } = query;
  const pageRequest: PageRequest = {
    projects: projects.map(({ key }) => key),
    condition: allOf([
      ...(Number.isFinite(from) ? [condition("r.start_time >= ?", from)] : []),
      condition("r.start_time <= ?", to),
      ...runConditions(query),
      ...(query.filter ? [conditionOf(parseFilter(query.filter), "r", feedback)] : []),
      ...traceConditions(query, feedback),
    ]),
    narrow: Boolean(query.trace_id ?? query.ids ?? query.reference_examples),
    size: page_size,
    question,
    ...(cursor !== undefined && { cursor }),
  };
  const page = pageOf(store, pageRequest);
  return {
    items: runsOf(store, page.keys, selects),
    next_cursor: page.cursor ?? null,
    has_more: page.cursor !== undefined,
  };
}

function runConditions(query: RunsQuery): Condition[] {
  const { ids, run_type, is_root, has_error, trace_id, reference_examples } = query;
  return [
    ...(ids ? [listed("r.id", ids)] : []),
    ...(run_type ? [condition("r.run_type = ?", run_type.toLowerCase())] : []),
    // Spelled out, not bound: an index over the roots alone is used only for these words.
    ...(is_root === undefined ? [] : [condition(is_root ? "r.is_root = 1" : "r.is_root = 0")]),
    ...(has_error === undefined ? [] : [condition(`r.error IS ${has_error ? "NOT " : ""}NULL`)]),
    ...(trace_id ? [condition("r.trace_id = ?", trace_id)] : []),
    ...(reference_examples ? [listed("r.reference_example_id", reference_examples)] : []),
  ];
}

interface TraceFilters {
  trace_filter?: string | undefined;
  tree_filter?: string | undefined;
}

/** `trace_filter` speaks of the root of a run's trace, `tree_filter` of any run in it. */
function traceConditions({ trace_filter, tree_filter }: TraceFilters, feedback: FeedbackWindow): Condition[] {
  const some = (text: string, run: string, which: string): Condition => {
    const { sql, values } = conditionOf(parseFilter(text), run, feedback);
    return { sql: `EXISTS (SELECT 1 FROM runs AS ${run} WHERE ${which} AND ${sql})`, values };
  };
  return [
    ...(trace_filter ? [some(trace_filter, "root", "root.id = r.trace_id")] : []),
    ...(tree_filter ? [some(tree_filter, "kin", "kin.trace_id = r.trace_id")] : []),
  ];
}

export const condition = (sql: string, ...values: Value[]): Condition => ({ sql, values });
const listed = (column: string, ids: string[]): Condition =>
  condition(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(ids));

type FeedbackBounds = Pick<
  RunsQuery,
  "min_feedback_modified_at" | "max_feedback_modified_at" | "trace_filter" | "tree_filter" | "filter"
>;

function feedbackWindow(query: FeedbackBounds): FeedbackWindow {
  const from = micros(query.min_feedback_modified_at);
  const to = micros(query.max_feedback_modified_at);
  const filters = [query.filter, query.trace_filter, query.tree_filter].filter((text) => text !== undefined);
  if ((from !== null || to !== null) && !filters.some((text) => asksFeedback(parseFilter(text))))
    throw new Refusal(422, "A window of feedback needs a filter that asks for feedback.");
  return { from, to };
}

function asksFeedback(filter: Filter): boolean {
  if (filter.op === "and" || filter.op === "or") return filter.all.some(asksFeedback);
  if (filter.op === "not") return asksFeedback(filter.filter);
  return "field" in filter && filter.field.startsWith("feedback_");
}
