import type { Row, Store } from "./store.ts";
import { isoOrNull } from "./time.ts";

/** The columns of a run, as far as they were read. */
interface RunRow extends Row {
  id: string;
}

type Field = { needs: string[]; view: (row: RunRow) => unknown };

const json = (text: unknown) => (typeof text === "string" ? JSON.parse(text) : undefined);
const own = (column: string): Field => ({ needs: [column], view: (row) => row[column] ?? undefined });
const parsed = (column: string): Field => ({ needs: [column], view: (row) => json(row[column]) });
/** Of a model call, or of all that ran below. A dotted order goes on with a dot, and "/" is the sign behind it. */
const sum = (column: string): Field => ({
  needs: [
    `coalesce(${column}, (SELECT sum(below.${column}) FROM runs AS below WHERE below.trace_id = runs.trace_id
      AND below.run_type = 'llm' AND below.dotted_order > runs.dotted_order
      AND below.dotted_order < runs.dotted_order || '/')) AS ${column}`,
  ],
  view: (row) => row[column] ?? undefined,
});
const upper = (column: string): Field => ({
  needs: [column],
  view: (row) => row[column] && String(row[column]).toUpperCase(),
});
const PREVIEW = 300;
const preview = (column: string): Field => ({
  needs: [`substr(${column}, 1, ${PREVIEW}) AS ${column}_preview`],
  view: (row) => row[`${column}_preview`] ?? undefined,
});

/** What `selects` may name, the columns that each needs, and what it shows. Null in the answer means: not there yet. */
export const fields: Record<string, Field> = {
  ID: own("id"),
  NAME: own("name"),
  RUN_TYPE: upper("run_type"),
  STATUS: upper("status"),
  START_TIME: { needs: ["start_time"], view: (row) => isoOrNull(row.start_time as number | null) },
  END_TIME: { needs: ["end_time"], view: (row) => isoOrNull(row.end_time as number | null) },
  LATENCY_SECONDS: {
    needs: ["(end_time - start_time) / 1e6 AS latency"],
    view: (row) => row.latency ?? undefined,
  },
  ERROR: own("error"),
  ERROR_PREVIEW: preview("error"),
  EXTRA: {
    needs: ["extra", "metadata"],
    view: (row) => ({ ...json(row.extra), ...(row.metadata && { metadata: json(row.metadata) }) }),
  },
  METADATA: { needs: ["metadata"], view: (row) => json(row.metadata) ?? {} },
  EVENTS: parsed("events"),
  INPUTS: parsed("inputs"),
  INPUTS_PREVIEW: preview("inputs"),
  OUTPUTS: parsed("outputs"),
  OUTPUTS_PREVIEW: preview("outputs"),
  PARENT_RUN_IDS: { needs: ["dotted_order", "parent_run_id"], view: ancestors },
  PROJECT_ID: {
    needs: ["(SELECT id FROM projects WHERE projects.key = project) AS project_id"],
    view: (row) => row.project_id,
  },
  TRACE_ID: own("trace_id"),
  THREAD_ID: {
    needs: ["metadata"],
    view: (row) => {
      const { thread_id, session_id, conversation_id } = json(row.metadata) ?? {};
      return thread_id ?? session_id ?? conversation_id;
    },
  },
  DOTTED_ORDER: own("dotted_order"),
  IS_ROOT: { needs: ["is_root"], view: (row) => row.is_root === 1 },
  REFERENCE_EXAMPLE_ID: own("reference_example_id"),
  REFERENCE_DATASET_ID: {
    needs: [
      "(SELECT reference_dataset_id FROM projects WHERE projects.key = project AND reference_example_id IS NOT NULL) AS dataset",
    ],
    view: (row) => row.dataset ?? undefined,
  },
  TOTAL_TOKENS: sum("total_tokens"),
  PROMPT_TOKENS: sum("prompt_tokens"),
  COMPLETION_TOKENS: sum("completion_tokens"),
  TOTAL_COST: sum("total_cost"),
  TAGS: { needs: ["tags"], view: (row) => json(row.tags) ?? [] },
  FEEDBACK_STATS: { needs: ["id"], view: () => undefined },
};

/** What LangSmith would name and this store never has: such a field is left out of the answer, as it is there. */
const neverThere = new Set(
  (
    "FIRST_TOKEN_TIME PROMPT_COST COMPLETION_COST PROMPT_TOKEN_DETAILS COMPLETION_TOKEN_DETAILS PROMPT_COST_DETAILS " +
    "COMPLETION_COST_DETAILS PRICE_MODEL_ID APP_PATH ATTACHMENTS THREAD_EVALUATION_TIME IS_IN_DATASET LAST_QUEUED_AT " +
    "SHARE_URL LS_USER_ID MANIFEST"
  ).split(" "),
);

export const isField = (name: string): boolean => Object.hasOwn(fields, name) || neverThere.has(name);

/** The runs of those keys, in that order, with the fields that were asked for; without any, the id alone. */
export function runsOf(store: Store, keys: number[], selects: string[]): Record<string, unknown>[] {
  const wanted = (selects.length ? selects : ["ID"]).filter((name) => Object.hasOwn(fields, name));
  const needs = new Set(["key", "id", ...wanted.flatMap((name) => fields[name]!.needs)]);
  const rows = store.all<RunRow>(
    `SELECT ${[...needs].join(", ")} FROM runs WHERE key IN (SELECT value FROM json_each(?))`,
    JSON.stringify(keys),
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const stats = wanted.includes("FEEDBACK_STATS") ? feedbackStats(store, rows) : undefined;
  return keys.flatMap((key) => {
    const row = byKey.get(key);
    if (!row) return [];
    const run = Object.fromEntries(wanted.map((name) => [name.toLowerCase(), fields[name]!.view(row)]));
    return [stats ? { ...run, feedback_stats: stats.get(row.id) ?? {} } : run];
  });
}

/** From the root down to the parent. A dotted order is `<time>Z<id>` for each of them and the run itself. */
function ancestors({ dotted_order, parent_run_id }: RunRow): string[] {
  if (typeof dotted_order === "string")
    return dotted_order
      .split(".")
      .slice(0, -1)
      .map((segment) => segment.slice(-36));
  return parent_run_id ? [String(parent_run_id)] : [];
}

interface Stats {
  run_id: string;
  key: string;
  n: number;
  avg: number | null;
  min: number | null;
  max: number | null;
}

function feedbackStats(store: Store, rows: RunRow[]): Map<string, Record<string, object>> {
  const all = store.all<Stats>(
    `SELECT run_id, key, count(*) AS n, avg(score) AS avg, min(score) AS min, max(score) AS max
     FROM feedback WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id, key`,
    JSON.stringify(rows.map(({ id }) => id)),
  );
  const stats = new Map<string, Record<string, object>>();
  for (const { run_id, key, n, avg, min, max } of all)
    stats.set(run_id, { ...stats.get(run_id), [key]: { n, avg, min, max } });
  return stats;
}
