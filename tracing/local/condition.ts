import type { Comparison, Filter, Literal } from "./filter.ts";
import { Refusal } from "./refusal.ts";
import { columnOf, pairOf, pairs, plain, text } from "./run-fields.ts";
import type { Value } from "./store.ts";

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
export const allOf = (conditions: Condition[]): Condition => join(conditions, "AND");

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
  return allOf([...free, ...rows]);
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
  const { sql, values } = allOf(conditions);
  return { sql: `${absent ? "NOT " : ""}EXISTS (SELECT 1 FROM ${from(run)} AND ${sql})`, values };
}

function compared({ op, field, value }: Compare, run: string): Condition {
  if (op === "has") return has(field, value, run);
  const column = columnOf(field);
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
  return allOf(
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
