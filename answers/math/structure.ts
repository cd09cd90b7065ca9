import { closing, splitTop, trimmed } from "./latex.ts";
import { numberInWords, numerals } from "./number-in-words.ts";
import { asQuantity, plain } from "./quantity.ts";
import { rowsOf } from "./rows.ts";

/** The shape of an answer; `latex` is what it was read from, normalised. */
export type Answer = { latex: string } & (
  | { kind: "text" }
  | { kind: "value"; percent: boolean; unit: string | null }
  /** `open` and `close` are empty for a bare list, `\{` and `\}` for a set; `(a,b)` is tuple and interval. */
  | { kind: "list"; open: string; close: string; items: Answer[] }
  | { kind: "union"; parts: Answer[] }
  | { kind: "matrix"; rows: Answer[][] }
  /** `sides[i] signs[i] sides[i+1]`, as in `1 < x \le 3`. */
  | { kind: "relation"; sides: string[]; signs: string[] }
  | { kind: "ratio"; parts: Answer[] }
  | { kind: "time"; clock: string; half: string }
  | { kind: "based"; digits: string; base: string }
);
export type Relation = Extract<Answer, { kind: "relation" }>;
export type List = Extract<Answer, { kind: "list" }>;

const MAX_DEPTH = 6;
const MAX_ITEMS = 64;

const separators =
  /[,;]|\\text\s*\{\s*,?\s*(?:and|or)\b[^{}]*\}|(?<![a-zA-Z\\])(?:and|or)(?![a-z])|\\(?:land|lor|vee|wedge)(?![a-zA-Z])/g;
const relations = /\\(?:le|ge|ne|approx|in|equiv)(?![a-zA-Z])|[=<>]/g;

/**
 * The ways to read a normalised answer: commas between groups of three digits separate thousands, or list items; an
 * option's letter before a value stands for it.
 */
export function readings(latex: string): Answer[] {
  const joined = latex.replace(/(?<![\d.,])\d{1,3}(?:, ?\d{3})+(?![\d,])/g, (digits) =>
    digits.includes(" ") ? digits : digits.replaceAll(",", ""),
  );
  const labelled = /^\\text\s*\{\s*\(?([A-E])\)?\s*\}\s*(?=[\d\\(-])(.+)$/.exec(joined);
  if (labelled) return [structure(labelled[2]!), structure(labelled[1]!)];
  return joined === latex ? [structure(latex)] : [structure(joined), structure(latex)];
}

export function structure(text: string, depth = 0): Answer {
  const latex = trimmed(text);
  if (depth > MAX_DEPTH) return { kind: "value", latex, percent: false, unit: null };
  return (
    asTextOnly(latex) ??
    asRows(latex, depth) ??
    asPunctured(latex, depth) ??
    asList(latex, depth) ??
    asUnionOfRelations(latex, depth) ??
    asRelation(latex, depth) ??
    asUnion(latex, depth) ??
    asBracketed(latex, depth) ??
    asMatrix(latex, depth) ??
    asMatrixSum(latex, depth) ??
    asPlusMinus(latex, depth) ??
    asLeaf(latex, depth)
  );
}

const parsed = (parts: string[], depth: number): Answer[] =>
  parts.filter((part) => part !== "").map((part) => structure(part, depth + 1));

function asTextOnly(latex: string): Answer | null {
  const inner = /^\\text\s*\{([^{}]*)\}$/.exec(latex)?.[1];
  if (inner === undefined) return null;
  const isText =
    /[a-zA-Z]{3}|^\s*no\s*$/i.test(inner) && !/\d/.test(inner) && numberInWords(inner.trim()) === -1;
  return isText ? { kind: "text", latex } : structure(inner);
}

/** Equations below each other are a list; the cases of a function are pairs of value and condition in any order. */
function asRows(latex: string, depth: number): Answer | null {
  const rows = rowsOf(latex);
  if (!rows) return null;
  if (rows.kind === "equations") {
    const equations = rows.equations.map((row) => row.replace(/[,;]\s*$/, ""));
    return equations.length > MAX_ITEMS ? null : structure(equations.join(" , "), depth + 1);
  }
  const items = rows.cases.map(
    (pair): Answer => ({
      kind: "list",
      open: "(",
      close: ")",
      latex: pair.join(" & "),
      items: pair.map((cell) => structure(cell, depth + 1)),
    }),
  );
  return items.length > MAX_ITEMS ? null : { kind: "list", open: "", close: "", latex, items };
}

const punctured =
  /^(?:[a-zA-Z]\s*\\in\s*)?\(-\\infty\s*,\s*\\infty\s*\)\s*(?:\\(?:setminus|smallsetminus|backslash)(?![a-zA-Z])|[-\\])\s*\\\{(.*)\\\}$/;

/** The real numbers without some, which are given: `\mathbb{R} \setminus \{0\}`. */
function asPunctured(latex: string, depth: number): Answer | null {
  const inner = punctured.exec(latex)?.[1];
  return inner === undefined ? null : realsWithout(splitTop(inner, /[,;]/g).parts, depth);
}

/** The real numbers without these, as a union of intervals; null where their order is not known. */
export function realsWithout(parts: string[], depth = 0): Answer | null {
  if (parts.length > MAX_ITEMS || parts.some((part) => part === "")) return null;
  const points = parts.map((latex) => ({ latex, value: numberOf(latex) }));
  if (points.length > 1 && points.some(({ value }) => Number.isNaN(value))) return null;
  const ends = ["-\\infty", ...points.sort((a, b) => a.value - b.value).map(({ latex }) => latex), "\\infty"];
  const intervals = ends.slice(1).map((end, at) => `(${ends[at]},${end})`);
  return structure(intervals.join("\\cup "), depth + 1);
}

function numberOf(latex: string): number {
  const [, sign, top, bottom] = /^(-?)\s*\\frac\s*\{(\d+)\}\s*\{(\d+)\}$/.exec(latex) ?? [];
  return top === undefined
    ? Number(latex.replace(/\s/g, ""))
    : (sign === "-" ? -1 : 1) * (Number(top) / Number(bottom));
}

function asList(latex: string, depth: number): Answer | null {
  const { parts } = splitTop(latex, separators);
  if (parts.length < 2 || parts.length > MAX_ITEMS) return null;
  const items = flattened(parsed(parts, depth));
  return items.length === 1 ? items[0]! : { kind: "list", open: "", close: "", latex, items };
}

/** `3 \pm 1, 5` has three items. */
const flattened = (items: Answer[]): Answer[] =>
  items.flatMap((item) => (item.kind === "list" && item.open === "" ? item.items : [item]));

/** A chain of relations; what follows an `\approx` repeats what stands before it. */
function asRelation(latex: string, depth: number): Answer | null {
  const { parts, found } = splitTop(latex, relations);
  if (found.length === 0 || parts.some((part) => part === "")) return null;
  const about = found.indexOf("\\approx");
  const [sides, signs] = about === -1 ? [parts, found] : [parts.slice(0, about + 1), found.slice(0, about)];
  if (signs.length === 0) return structure(sides[0]!, depth + 1);
  if (signs.join() === "\\ne" && /\\pm(?![a-zA-Z])/.test(sides[1]!)) {
    const point = (sign: string) => `${sides[0]} \\ne ${sides[1]!.replace(/\\pm(?![a-zA-Z])/g, sign)}`;
    return structure(`${point("+")}, ${point("-")}`, depth + 1);
  }
  if (signs.at(-1) === "\\in") return structure(sides.at(-1)!, depth + 1);
  return { kind: "relation", latex, sides, signs };
}

const cup = /\\cup(?![a-zA-Z])/g;

/** `x < -1 \cup x > 3` */
function asUnionOfRelations(latex: string, depth: number): Answer | null {
  const { parts } = splitTop(latex, cup);
  const isInequality = (part: string) => /[<>]|\\(?:le|ge)(?![a-zA-Z])/.test(part);
  return parts.length > 1 && parts.every(isInequality) ? asUnion(latex, depth) : null;
}

/** A union of sets is the set of what they hold. */
function asUnion(latex: string, depth: number): Answer | null {
  const { parts } = splitTop(latex, cup);
  if (parts.length < 2) return null;
  const all = parsed(parts, depth);
  const items = all.flatMap((part) => (part.kind === "list" && part.open === "\\{" ? [part.items] : []));
  if (items.length === all.length)
    return { kind: "list", open: "\\{", close: "\\}", latex, items: items.flat() };
  return { kind: "union", latex, parts: all };
}

/** `x \in A \mid` of a set that is described: it is what its members fulfil. */
const suchThat =
  /^\s*[a-zA-Z]\s*(?:\\in\s*[^|:]{1,40}?)?(?:\\mid(?![a-zA-Z])|[|:])\s*(.*(?:[<>=]|\\(?:le|ge|ne)).*)$/;

function asBracketed(latex: string, depth: number): Answer | null {
  const set = latex.startsWith("\\{");
  const start = set ? 1 : 0;
  if (!"([{".includes(latex[start] ?? " ") || closing(latex, start) !== latex.length - 1) return null;
  const inner = latex.slice(start + 1, latex.endsWith("\\}") ? -2 : -1);
  const those = set ? suchThat.exec(inner)?.[1] : undefined;
  if (those !== undefined) return structure(those, depth + 1);
  const { parts } = splitTop(inner, /[,;]/g);
  if (parts.length === 1 && !set) return structure(inner, depth + 1);
  if (parts.length > MAX_ITEMS) return null;
  const items = parsed(parts, depth);
  if (set) return { kind: "list", open: "\\{", close: "\\}", latex, items: flattened(items) };
  return { kind: "list", open: latex[0]!, close: latex.at(-1)!, latex, items };
}

const environment =
  /^(.{0,60}?)\\begin\s*\{([pbBvV]?matrix|smallmatrix|array)\}\s*(?:\{[lcr| ]*\})?(.*)\\end\s*\{\2\}$/s;

/** A matrix, with a factor before it multiplied in. */
function asMatrix(latex: string, depth: number): Answer | null {
  const [, before = "", , body] = environment.exec(latex) ?? [];
  if (body === undefined || body.includes("\\begin")) return null;
  const factor = before.replace(/\\cdot|\\times/g, "").trim();
  const scaled = (cell: string) =>
    factor === "" ? cell : factor === "-" ? `-(${cell})` : `(${factor})(${cell})`;
  const rows = body
    .split("\\\\")
    .map((row) => row.split("&").map((cell) => cell.trim()))
    .filter((row) => row.some((cell) => cell !== ""));
  if (rows.flat().length > MAX_ITEMS) return null;
  return {
    kind: "matrix",
    latex,
    rows: rows.map((row) => row.map((cell) => structure(scaled(cell), depth + 1))),
  };
}

/** Matrices of one shape with + or - between them. */
function asMatrixSum(latex: string, depth: number): Answer | null {
  const { parts, found } = splitTop(latex, /[+-]/g);
  if (found.length === 0 || !latex.includes("\\begin")) return null;
  const terms = parts.map((part) => asMatrix(part, depth));
  const rows = terms.map((term) => (term?.kind === "matrix" ? term.rows : []));
  const shape = (matrix: Answer[][]) => matrix.map((row) => row.length).join();
  if (terms.some((term) => term === null) || new Set(rows.map(shape)).size > 1) return null;
  const sum = (row: number, column: number) =>
    rows.map((matrix, at) => `${at === 0 ? "" : found[at - 1]}(${matrix[row]![column]!.latex})`).join("");
  return {
    kind: "matrix",
    latex,
    rows: rows[0]!.map((cells, row) => cells.map((_, column) => structure(sum(row, column), depth + 1))),
  };
}

/** `a \pm b` is the list of both. */
function asPlusMinus(latex: string, depth: number): Answer | null {
  if (!/\\pm(?![a-zA-Z])/.test(latex)) return null;
  const upper = latex.replace(/\\pm(?![a-zA-Z])/g, "+").replace(/\\mp(?![a-zA-Z])/g, "-");
  const lower = latex.replace(/\\pm(?![a-zA-Z])/g, "-").replace(/\\mp(?![a-zA-Z])/g, "+");
  return { kind: "list", open: "", close: "", latex, items: parsed([upper, lower], depth) };
}

function asLeaf(latex: string, depth: number): Answer {
  const words = plain(latex);
  const numeral = numberInWords(words);
  if (numeral !== -1) return { kind: "value", latex: String(numeral), percent: false, unit: null };
  const time = /^(\d{1,2}:\d{2})\s*(?:([ap])\.?\s*m\.?)?$/i.exec(words);
  if (time) return { kind: "time", latex, clock: time[1]!, half: (time[2] ?? "").toLowerCase() };
  const based = /^\(?(\d[\dA-F]*)\)?\s*_\s*\{?\s*(?:base\s*)?(\d{1,2}|[a-z]{3,6})\s*\}?$/.exec(words);
  const base = based && (numerals.includes(based[2]!) ? String(numerals.indexOf(based[2]!)) : based[2]!);
  if (based && /^\d+$/.test(base!)) return { kind: "based", latex, digits: based[1]!, base: base! };
  const { parts } = splitTop(latex, /:/g);
  if (parts.length > 1 && parts.every((part) => part !== ""))
    return { kind: "ratio", latex, parts: parsed(parts, depth) };
  const quantity = asQuantity(latex);
  return quantity ? { kind: "value", ...quantity } : { kind: "text", latex };
}
