import type { Literal } from "./filter.ts";
import { Refusal } from "./refusal.ts";
import type { Value } from "./store.ts";
import { micros } from "./time.ts";

/* What a filter may ask of a run, in SQL, and how its values compare there. */

/** Fields of a run that are columns, and what a value in a filter is there. */
const columns: Record<string, { sql: (run: string) => string; value?: (value: Literal) => Value }> = {
  id: { sql: (run) => `${run}.id` },
  trace_id: { sql: (run) => `${run}.trace_id` },
  parent_run_id: { sql: (run) => `${run}.parent_run_id` },
  reference_example_id: { sql: (run) => `${run}.reference_example_id` },
  session_id: { sql: (run) => `(SELECT id FROM projects WHERE projects.key = ${run}.project)` },
  name: { sql: (run) => `${run}.name` },
  run_type: { sql: (run) => `${run}.run_type`, value: lower },
  status: { sql: (run) => `${run}.status`, value: lower },
  error: { sql: (run) => `${run}.error` },
  is_root: { sql: (run) => `${run}.is_root`, value: Number },
  start_time: { sql: (run) => `${run}.start_time`, value: moment },
  end_time: { sql: (run) => `${run}.end_time`, value: moment },
  latency: { sql: (run) => `(${run}.end_time - ${run}.start_time)`, value: duration },
  total_tokens: { sql: (run) => `${run}.total_tokens` },
  prompt_tokens: { sql: (run) => `${run}.prompt_tokens` },
  completion_tokens: { sql: (run) => `${run}.completion_tokens` },
  total_cost: { sql: (run) => `${run}.total_cost` },
  thread_id: {
    sql: (run) =>
      `coalesce(${["thread_id", "session_id", "conversation_id"].map((key) => `${run}.metadata ->> '$.${key}'`).join(", ")})`,
  },
};

/** Fields that hold rows of a key and a value: where these are kept, and under which names a filter asks for them. */
export const pairs: Record<string, { from: (run: string) => string; fields: Record<string, string> }> = {
  metadata: json("metadata"),
  input: json("inputs", "input"),
  output: json("outputs", "output"),
  feedback: {
    from: (run) => `feedback AS pair WHERE pair.run_id = ${run}.id`,
    fields: {
      feedback_key: "pair.key",
      feedback_score: "pair.score",
      feedback_value: "pair.value",
      feedback_source: "pair.source",
    },
  },
};

function json(column: string, name = column) {
  return {
    from: (run: string) => `json_each(${run}.${column}) AS pair WHERE 1`,
    fields: { [`${name}_key`]: "pair.key", [`${name}_value`]: "CAST(pair.value AS TEXT)" },
  };
}

export const columnOf = (field: string) => (Object.hasOwn(columns, field) ? columns[field] : undefined);
/** The kind of rows that a field belongs to, such as `metadata` for `metadata_key`. */
export const pairOf = (field: string): string | undefined =>
  Object.keys(pairs).find((name) => Object.hasOwn(pairs[name]!.fields, field));

/** A value as SQLite keeps it. */
export const plain = (value: Literal): Value => (typeof value === "boolean" ? Number(value) : value);

/** Metadata, inputs and outputs compare as text; in JSON that SQLite reads, true is 1. */
export function text(value: Literal): string {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

function lower(value: Literal): Value {
  return String(value).toLowerCase();
}

function moment(value: Literal): Value {
  const time = micros(String(value));
  if (time === null) throw new Refusal(400, `${value} is not a time.`);
  return time;
}

const units: Record<string, number> = { ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };

/** Seconds, or a number with its unit (`"5s"`, `"300ms"`), in microseconds. */
function duration(value: Literal): Value {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(String(value)) ?? [];
  if (number === undefined) throw new Refusal(400, `${value} is not a duration such as "5s" or 0.3.`);
  return Number(number) * units[unit]!;
}
