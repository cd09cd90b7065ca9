import { Refusal } from "./refusal.ts";

/*
 * LangSmith's filter language, the part of it that the local store knows:
 *   and(eq(metadata_key, "boardroom_benchmark"), eq(metadata_value, "math500"))   not(has(tags, "x"))   gt(latency, "5s")
 */

const comparisons = ["eq", "neq", "gt", "gte", "lt", "lte", "in", "has", "like"] as const;
export type Comparison = (typeof comparisons)[number];
export type Literal = string | number | boolean | null;

export type Filter =
  | { op: "and" | "or"; all: Filter[] }
  | { op: "not"; filter: Filter }
  | { op: "search"; text: string }
  | { op: Comparison; field: string; value: Literal | Literal[] };

type Token = { kind: "word" | "mark"; text: string } | { kind: "literal"; value: Literal };

const tokenPattern =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|([A-Za-z_]\w*)|([(),[\]]))/y;

const words: Record<string, Literal> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
};

const wrong = (text: string, why: string): Refusal =>
  new Refusal(400, `The filter ${text} cannot be read: ${why}.`);

function tokens(text: string): Token[] {
  const found: Token[] = [];
  tokenPattern.lastIndex = 0;
  const length = text.trimEnd().length;
  while (tokenPattern.lastIndex < length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (!match) throw wrong(text, `what is ${text.slice(at, at + 20).trim()}`);
    const [, string, number, word, mark] = match;
    if (string) found.push({ kind: "literal", value: string.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (number) found.push({ kind: "literal", value: Number(number) });
    else if (word && Object.hasOwn(words, word)) found.push({ kind: "literal", value: words[word]! });
    else if (word) found.push({ kind: "word", text: word });
    else if (mark) found.push({ kind: "mark", text: mark });
  }
  return found;
}

/** Reads a filter; throws Refusal (400) with a sentence for what is not of this language. */
export function parseFilter(text: string): Filter {
  const left = tokens(text);
  const next = (): Token => {
    const token = left.shift();
    if (!token) throw wrong(text, "it ends too early");
    return token;
  };
  const isMark = (token: Token | undefined, mark: string) => token?.kind === "mark" && token.text === mark;
  const expect = (mark: string) => {
    if (!isMark(next(), mark)) throw wrong(text, `a ${mark} is missing`);
  };
  const word = (): string => {
    const token = next();
    if (token.kind !== "word") throw wrong(text, "a name is missing");
    return token.text;
  };
  const literal = (): Literal => {
    const token = next();
    if (token.kind !== "literal") throw wrong(text, "a value is missing");
    return token.value;
  };
  /** What stands between two marks, comma by comma. */
  const listed = <T>(close: string, one: () => T): T[] => {
    const all: T[] = [];
    while (!isMark(left[0], close)) {
      if (all.length) expect(",");
      all.push(one());
    }
    expect(close);
    return all;
  };
  const value = (): Literal | Literal[] => {
    if (!isMark(left[0], "[")) return literal();
    next();
    return listed("]", literal);
  };
  const expression = (): Filter => {
    const op = word();
    expect("(");
    if (op === "and" || op === "or") return { op, all: listed(")", expression) };
    const filter = op === "not" ? { op, filter: expression() } : op === "search" ? search() : compare(op);
    expect(")");
    return filter as Filter;
  };
  const search = (): Filter => ({ op: "search", text: String(literal()) });
  const compare = (name: string): Filter => {
    const op = comparisons.find((known) => known === name);
    if (!op) throw wrong(text, `${name} is not an operator that the local store knows`);
    const field = word();
    expect(",");
    return { op, field, value: value() };
  };

  const filter = expression();
  if (left.length) throw wrong(text, "there is more after its end");
  return filter;
}
