import type { Comparison, Filter, Literal } from "./filter.ts";
import { Refusal } from "./refusal.ts";
import type { Value } from "./store.ts";
import { micros } from "./time.ts";

/** A condition in SQL with the values of its question marks. */
export interface Condition {
  sql: string;
  values: Value[];
}

/** When feedback that a filter asks for was last changed, in microseconds: from (inclusive) and to (exclusive). */
export interface FeedbackWindow {
  from: number | null;
  to: number | null;
}

const join = (conditions: Condition[], word: "AND" | "OR"): Condition => ({
  sql: conditions.length
    ? `(${conditions.map(({ sql }) => sql).join(` ${word} `)})`
    : word === "AND"
      ? "1"
      : "0",
  values: conditions.flatMap(({ values }) => values),
});
export const every = (conditions: Condition[]): Condition => join(conditions, "AND");

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
const pairs: Record<string, { from: (run: string) => string; fields: Record<string, string> }> = {
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

const operators: Partial<Record<Comparison, string>> = {
  eq: "IS",
  neq: "IS NOT",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  like: "LIKE",
};

/** The condition that a filter puts on the run which the SQL calls `run`. */
export function conditionOf(filter: Filter, run: string, window: FeedbackWindow): Condition {
  switch (filter.op) {
    case "or":
      return join(
        filter.all.map((one) => conditionOf(one, run, window)),
        "OR",
      );
    case "not": {
      const { sql, values } = conditionOf(filter.filter, run, window);
      return { sql: `NOT coalesce(${sql}, 0)`, values };
    }
    case "and":
      return conjunction(filter.all, run, window);
    case "search": {
      const text = `%${filter.text.replace(/[\\%_]/g, "\\$&")}%`;
      const fields = ["name", "error", "inputs", "outputs"].map((name) => `coalesce(${run}.${name}, '')`);
      return join(
        fields.map((sql) => ({ sql: `${sql} LIKE ? ESCAPE '\\'`, values: [text] })),
        "OR",
      );
    }
    default:
      return pairOf(filter.field) ? conjunction([filter], run, window) : compared(filter, run);
  }
}

type Compare = Extract<Filter, { field: string }>;
const pairOf = (field: string) => Object.keys(pairs).find((name) => field in pairs[name]!.fields);

/** The members of one `and(…)`: what they say of metadata, inputs, outputs or feedback is said of one and the same row. */
function conjunction(all: Filter[], run: string, window: FeedbackWindow): Condition {
  const bound = new Map<string, Compare[]>();
  const free: Condition[] = [];
  for (const one of all) {
    const pair = "field" in one ? pairOf(one.field) : undefined;
    if (pair) bound.set(pair, [...(bound.get(pair) ?? []), one as Compare]);
    else free.push(conditionOf(one, run, window));
  }
  const rows = [...bound].map(([pair, members]) => exists(pair, members, run, window));
  return every([...free, ...rows]);
}

function exists(name: string, members: Compare[], run: string, window: FeedbackWindow): Condition {
  const { from, fields } = pairs[name]!;
  // Alone, `neq(metadata_key, "k")` means that there is no such key, not that there is some other one.
  const absent = members.every(({ op, field }) => op === "neq" && field.endsWith("_key"));
  const conditions = members.map((member) =>
    comparison(fields[member.field]!, absent ? "eq" : member.op, member.value, (value) =>
      name === "feedback" ? plain(value) : text(value),
    ),
  );
  if (name === "feedback" && window.from !== null)
    conditions.push({ sql: "pair.modified_at >= ?", values: [window.from] });
  if (name === "feedback" && window.to !== null)
    conditions.push({ sql: "pair.modified_at < ?", values: [window.to] });
  const { sql, values } = every(conditions);
  return { sql: `${absent ? "NOT " : ""}EXISTS (SELECT 1 FROM ${from(run)} AND ${sql})`, values };
}

function compared({ op, field, value }: Compare, run: string): Condition {
  if (op === "has") return has(field, value, run);
  const column = columns[field];
  if (!column) throw new Refusal(400, `The local store cannot filter by ${field}.`);
  return comparison(column.sql(run), op, value, column.value ?? plain);
}

/** `has(tags, "x")`, and `has(metadata, '{"k": "v"}')` for all pairs of a record. */
function has(field: string, value: Literal | Literal[], run: string): Condition {
  if (field === "tags")
    return {
      sql: `EXISTS (SELECT 1 FROM json_each(${run}.tags) AS tag WHERE tag.value = ?)`,
      values: [text(single(value))],
    };
  if (field !== "metadata")
    throw new Refusal(400, `The local store knows has() of tags and metadata, not of ${field}.`);
  return every(
    Object.entries(recordOf(text(single(value)))).map(([key, wanted]) => ({
      sql: `EXISTS (SELECT 1 FROM ${pairs.metadata!.from(run)} AND pair.key = ? AND CAST(pair.value AS TEXT) = ?)`,
      values: [key, String(wanted)],
    })),
  );
}

function recordOf(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    throw new Refusal(400, `has(metadata, …) wants a JSON object, not ${json}.`);
  }
}

function comparison(
  sql: string,
  op: Comparison,
  value: Literal | Literal[],
  as: (value: Literal) => Value,
): Condition {
  if (op === "in") {
    if (!Array.isArray(value)) throw new Refusal(400, "in() wants a list in square brackets.");
    return { sql: `${sql} IN (${value.map(() => "?").join(", ")})`, values: value.map(as) };
  }
  const operator = operators[op];
  if (!operator) throw new Refusal(400, `The local store does not know ${op}() here.`);
  const one = single(value);
  return { sql: `${sql} ${operator} ?`, values: [one === null ? null : as(one)] };
}

function single(value: Literal | Literal[]): Literal {
  if (Array.isArray(value)) throw new Refusal(400, "A list is for in() alone.");
  return value;
}

const plain = (value: Literal): Value => (typeof value === "boolean" ? Number(value) : value);

/** Metadata, inputs and outputs compare as text; in JSON that SQLite reads, true is 1. */
function text(value: Literal): string {
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
