import { z } from "zod";
import { allOf, conditionOf } from "./condition.ts";
import { parseFilter } from "./filter.ts";
import { condition, guids, queryRuns, Window } from "./query.ts";
import type { Store, Value } from "./store.ts";
import { micros } from "./time.ts";
import { runsOf } from "./view.ts";

/** The body of `POST /api/v2/traces/query`. */
export const TracesQuery = z.strictObject({
  ...Window,
  project_id: z.guid(),
  trace_ids: guids.optional(),
});

/** One page of traces: their roots, with the sums over each trace that were asked for. */
export function queryTraces(store: Store, query: z.infer<typeof TracesQuery>) {
  const { project_id, trace_ids, trace_filter, selects, ...rest } = query;
  const sums = ["TOTAL_TOKENS", "TOTAL_COST"].filter((name) => selects.includes(name));
  const page = queryRuns(store, {
    ...rest,
    project_ids: [project_id],
    is_root: true,
    ...(trace_filter !== undefined && { filter: trace_filter }),
    ...(trace_ids && { ids: trace_ids }),
    selects: [...new Set(["ID", ...selects.filter((name) => !sums.includes(name))])],
  });
  const aggregates = sums.length
    ? traceSums(
        store,
        page.items.map(({ id }) => String(id)),
      )
    : null;
  return {
    ...page,
    items: page.items.map((root_run) => ({
      root_run,
      ...(aggregates && {
        trace_aggregates: Object.fromEntries(
          sums.map((name) => [name.toLowerCase(), aggregates.get(String(root_run.id))?.[name.toLowerCase()]]),
        ),
      }),
    })),
  };
}

function traceSums(store: Store, traces: string[]): Map<Value, Record<string, Value>> {
  const rows = store.all(
    `SELECT trace_id, sum(total_tokens) AS total_tokens, sum(total_cost) AS total_cost FROM runs
     WHERE trace_id IN (SELECT value FROM json_each(?)) AND run_type = 'llm' GROUP BY trace_id`,
    JSON.stringify(traces),
  );
  return new Map(rows.map((row) => [row.trace_id ?? null, row]));
}

/** All runs of a trace, in the order in which they began. */
export function listTrace(
  store: Store,
  trace: string,
  asked: {
    project: string;
    filter?: string | undefined;
    selects: string[];
    min?: string | undefined;
    max?: string | undefined;
  },
) {
  const feedback = { from: null, to: null };
  const min = micros(asked.min);
  const max = micros(asked.max);
  const { sql, values } = allOf([
    condition("r.trace_id = ?", trace),
    condition("+r.project = (SELECT key FROM projects WHERE id = ?)", asked.project),
    ...(min === null ? [] : [condition("r.start_time >= ?", min)]),
    ...(max === null ? [] : [condition("r.start_time <= ?", max)]),
    ...(asked.filter ? [conditionOf(parseFilter(asked.filter), "r", feedback)] : []),
  ]);
  const keys = store.all<{ key: number }>(
    `SELECT r.key AS key FROM runs AS r WHERE ${sql} ORDER BY r.start_time, r.dotted_order`,
    ...values,
  );
  return {
    items: runsOf(
      store,
      keys.map(({ key }) => key),
      asked.selects,
    ),
  };
}
