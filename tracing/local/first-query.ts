import { Hono } from "hono";
import { z } from "zod";
import { checked, jsonBody } from "./body.ts";
import { parameters } from "./parameters.ts";
import { guids, queryRuns, RunsQuery } from "./query.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { fields, runsOf } from "./view.ts";

/*
 * How runs are read by LangSmith's first API, which `list_runs` and `read_run` of both SDKs still speak. It has the same
 * runs as the second one, under other names.
 */

/** JavaScript's SDK writes what is not asked as null. */
const withoutNulls = (body: unknown): unknown =>
  Object.fromEntries(Object.entries(Object(body)).filter(([, value]) => value !== null));

/** The body of `POST /runs/query`. */
const Asked = z.strictObject({
  ...RunsQuery.pick({ filter: true, trace_filter: true, tree_filter: true, is_root: true, run_type: true })
    .shape,
  session: guids.optional(),
  session_id: z.guid().optional(),
  id: guids.optional(),
  trace: z.guid().optional(),
  parent_run: z.guid().optional(),
  reference_example: guids.optional(),
  start_time: z.string().optional(),
  error: z.boolean().optional(),
  limit: z.int().min(1).optional(),
  order: z.literal("desc").optional(),
  /** All fields come, whatever is selected. */
  select: z.array(z.string()).optional(),
  cursor: z.string().optional(),
});
const FirstQuery = z.preprocess(withoutNulls, Asked);

/** Without projects all are searched. */
function secondQuery(store: Store, asked: z.infer<typeof Asked>): z.infer<typeof RunsQuery> {
  const { session, session_id, id, trace, parent_run, reference_example, start_time, error, ...same } = asked;
  const { order: _order, select: _select, filter, limit, cursor, ...rest } = same;
  const projects = session ?? (session_id ? [session_id] : allProjects(store));
  const below = parent_run && `eq(parent_run_id, "${parent_run}")`;
  const both = filter && below ? `and(${filter}, ${below})` : (filter ?? below);
  const query = {
    ...rest,
    project_ids: projects,
    ids: id,
    trace_id: trace,
    reference_examples: reference_example,
    min_start_time: start_time ?? new Date(0).toISOString(),
    has_error: error,
    filter: both,
    page_size: Math.min(limit ?? 100, 100),
    cursor,
    selects,
  };
  return checked(RunsQuery, query, "the query");
}

const allProjects = (store: Store): string[] =>
  store.all<{ id: string }>("SELECT id FROM projects").map(({ id }) => id);

/** What a run of the first API shows: all but what is cut short, what is made of others, and feedback. */
const selects = Object.keys(fields).filter((name) => !/PREVIEW|LATENCY|METADATA|FEEDBACK/.test(name));

function firstView({
  manifest,
  project_id,
  parent_run_ids,
  run_type,
  status,
  ...run
}: Record<string, unknown>) {
  const parents = parent_run_ids as string[];
  return {
    ...run,
    run_type: String(run_type ?? "chain").toLowerCase(),
    status: String(status).toLowerCase(),
    inputs: run.inputs ?? {},
    outputs: run.outputs ?? null,
    session_id: project_id,
    serialized: manifest ?? null,
    parent_run_ids: parents,
    parent_run_id: parents.at(-1) ?? null,
    app_path: `/runs/${run.id}`,
  };
}

export function firstQueryRoutes(store: Store): Hono {
  return new Hono()
    .post("/query", async (c) => {
      const asked = await jsonBody(c.req.raw, FirstQuery);
      const { items, next_cursor } = queryRuns(store, secondQuery(store, asked));
      return c.json({ runs: items.map(firstView), cursors: { next: next_cursor } });
    })
    .get("/:id", (c) => {
      const { session_id } = parameters(c, {
        session_id: "text",
        start_time: "ignored",
        exclude_s3_stored_attributes: "ignored",
        exclude_serialized: "ignored",
      });
      const id = c.req.param("id");
      const row = store.get<{ key: number }>(
        "SELECT key FROM runs WHERE id = ?1 AND (?2 IS NULL OR project = (SELECT key FROM projects WHERE id = ?2))",
        id,
        session_id ?? null,
      );
      if (!row) throw new Refusal(404, `Run ${id} not found.`);
      return c.json(firstView(runsOf(store, [row.key], selects)[0]!));
    });
}
