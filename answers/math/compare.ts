import { type Complex, divide, isReal, magnitude } from "./complex.ts";
import { exact, same } from "./exact.ts";
import { type Expression, parseExpression } from "./expression.ts";
import {
  assignment,
  functionBody,
  namesDiffer,
  records,
  regionParts,
  turn,
  unnamedItems,
} from "./relation.ts";
import { close, newBudget, samples, variables } from "./sample.ts";
import { type Answer, type List, type Relation, structure } from "./structure.ts";

type Budget = ReturnType<typeof newBudget>;

/** Whether two structured answers say the same. Throws OutOfSteps when the steps of `budget` are spent. */
export function sameAnswer(a: Answer, b: Answer, budget: Budget = newBudget()): boolean {
  if (compact(a.latex) === compact(b.latex) && a.kind === b.kind && !quantitiesDiffer(a, b)) return true;
  if ((a.kind === "text") !== (b.kind === "text") && sameWords(a.latex, b.latex)) return true;
  if (a.kind === "relation" || b.kind === "relation") return sameRelation(a, b, budget);
  if (a.kind === "union" || b.kind === "union") return sameRegion(a, b, budget);
  if (a.kind === "matrix" || b.kind === "matrix") return sameMatrix(a, b, budget);
  if (a.kind === "list" || b.kind === "list") return sameList(a, b, budget);
  if (a.kind === "time" && b.kind === "ratio") return sameRatio(clockParts(a.clock), b.parts, budget);
  if (b.kind === "time" && a.kind === "ratio") return sameRatio(a.parts, clockParts(b.clock), budget);
  if (a.kind === "time" || b.kind === "time") return sameTime(a, b);
  if (a.kind === "based" || b.kind === "based") return sameDigits(a, b);
  if (a.kind === "ratio" && b.kind === "ratio") return sameRatio(a.parts, b.parts, budget);
  if (a.kind === "text" || b.kind === "text")
    return sameWords(a.latex, b.latex) || (a.kind !== b.kind && sameValue(a.latex, b.latex, budget));
  if (a.kind === "value" && b.kind === "value") return sameQuantity(a, b, budget);
  return false;
}

const compact = (latex: string): string => latex.replace(/\s/g, "");

function quantitiesDiffer(a: Answer, b: Answer): boolean {
  return a.kind === "value" && b.kind === "value" && a.unit !== null && b.unit !== null && a.unit !== b.unit;
}

/** Equal but for case, punctuation, articles and spaces; a single letter is a name and keeps its case. */
function sameWords(a: string, b: string): boolean {
  const [left, right] = [words(a), words(b)];
  return left !== "" && left === right;
}

function words(latex: string): string {
  const text = latex
    .replace(/\\text\s*/g, " ")
    .replace(/\\[a-zA-Z]+|[^\p{L}\p{N}+\-=<>^/\\]/gu, (part) => (part.startsWith("\\") ? part : " "));
  const list = text.split(/\s+/).filter((word) => word !== "" && !/^(?:the|an)$/i.test(word));
  return list.length === 1 && list[0]!.length === 1 ? list[0]! : list.join("").toLowerCase();
}

/** The part of the day is compared where both give it. */
function sameTime(a: Answer, b: Answer): boolean {
  if (a.kind !== "time" || b.kind !== "time") return sameWords(a.latex, b.latex);
  const clock = (time: string) => time.replace(/^0(?=\d)/, "");
  return clock(a.clock) === clock(b.clock) && (a.half === b.half || a.half === "" || b.half === "");
}

/** Numerals of a base; a bare numeral is taken to be in the base that was asked for. */
function sameDigits(a: Answer, b: Answer): boolean {
  const digits = (answer: Answer) => (answer.kind === "based" ? answer.digits : compact(answer.latex));
  if (a.kind === "based" && b.kind === "based" && a.base !== b.base) return false;
  return digits(a) === digits(b);
}

/** `6:10` may be a ratio as well. */
const clockParts = (clock: string): Answer[] => clock.split(":").map((part) => structure(part));

function sameRatio(a: Answer[], b: Answer[], budget: Budget): boolean {
  if (a.length !== b.length) return false;
  if (a.every((part, index) => sameAnswer(part, b[index]!, budget))) return true;
  const numbers = (parts: Answer[]) => parts.map((part) => constantOf(part.latex, budget));
  const [left, right] = [numbers(a), numbers(b)];
  if (![...left, ...right].every((value) => value && magnitude(value) > 0)) return false;
  const scale = divide(left[0]!, right[0]!);
  return left.every((value, index) => close(divide(value!, right[index]!), scale));
}

function constantOf(latex: string, budget: Budget): Complex | null {
  const expression = parseExpression(latex);
  if (!expression || variables(expression).size > 0) return null;
  return samples([expression], budget)?.[0]?.[0] ?? null;
}

const DEGREE = "^{\\circ}";
const inRadians = (latex: string): string => latex.replaceAll(DEGREE, "\\cdot\\frac{\\pi}{180}");

/** 28% is 28 and 0.28: problems ask for "what percent" and mean the first. */
function sameQuantity(
  a: Extract<Answer, { kind: "value" }>,
  b: Extract<Answer, { kind: "value" }>,
  budget: Budget,
): boolean {
  if (quantitiesDiffer(a, b)) return false;
  if (sameValue(a.latex, b.latex, budget)) return true;
  if (a.latex.includes(DEGREE) !== b.latex.includes(DEGREE))
    return sameValue(inRadians(a.latex), inRadians(b.latex), budget);
  if (a.percent === b.percent) return false;
  return a.percent
    ? sameValue(`(${a.latex})/100`, b.latex, budget)
    : sameValue(a.latex, `(${b.latex})/100`, budget);
}

const decimal = /^-?\d*\.\d+$/;

/** Two expressions: by exact arithmetic where both are rational, else by their values at random points. */
function sameValue(a: string, b: string, budget: Budget): boolean {
  if (compact(a) === compact(b)) return true;
  const [left, right] = [parseExpression(a), parseExpression(b)];
  if (!left || !right) return false;
  const [exactLeft, exactRight] = [exact(left), exact(right)];
  if (exactLeft && exactRight && same(exactLeft, exactRight)) return true;
  if (decimal.test(compact(a)) || decimal.test(compact(b))) return sameRounded(a, b, left, right, budget);
  if (exactLeft && exactRight) return false;
  const points = samples([left, right], budget);
  return points?.every(([x, y]) => close(x!, y!)) ?? false;
}

/** Decimals shorter than this say their value exactly; longer ones are taken to be rounded. */
const ROUNDED_PLACES = 6;

/** A long decimal stands for what it is a rounding (or cutting) of, to the last place; not for a whole number. */
function sameRounded(a: string, b: string, left: Expression, right: Expression, budget: Budget): boolean {
  if (variables(left).size + variables(right).size > 0) return false;
  const [x, y] = samples([left, right], budget)?.[0] ?? [];
  if (!x || !y || !isReal(x) || !isReal(y)) return false;
  const rational = exact(left) !== null && exact(right) !== null;
  if (!rational && close(x, y)) return true;
  const places = [a, b]
    .map(compact)
    .filter((text) => decimal.test(text))
    .map((text) => text.split(".")[1]!.length);
  if (Math.min(...places) < ROUNDED_PLACES || [a, b].some((text) => /^-?\d+$/.test(compact(text))))
    return false;
  return Math.abs(x[0] - y[0]) <= 1.001 * 10 ** -Math.min(...places);
}

const bracketed = (list: List): boolean => list.open === "(" || list.open === "[";

/** Tuples and intervals by place and bracket, sets and bare lists in any order; a bare list also fits a tuple. */
function sameList(a: Answer, b: Answer, budget: Budget): boolean {
  const [recordsA, recordsB] = [records(a), records(b)];
  if (recordsA && !recordsB) return sameAnswer(recordsA, b, budget);
  if (recordsB && !recordsA) return sameAnswer(a, recordsB, budget);
  const [left, right] = [asList(a), asList(b)];
  if (bracketed(left) && bracketed(right) && (left.open !== right.open || left.close !== right.close))
    return false;
  if (bracketed(left) !== bracketed(right) && left.items.length === 1 && right.items.length === 1)
    return false;
  if (repeats(left, right, budget) || repeats(right, left, budget)) return true;
  const items = [unnamedItems(left), unnamedItems(right)] as const;
  return bracketed(left) || bracketed(right) ? inOrder(...items, budget) : inAnyOrder(...items, budget);
}

/** A value said in two ways: "3/4 or 0.75". */
function repeats(one: List, many: List, budget: Budget): boolean {
  const value = one.items[0];
  if (one.open !== "" || many.open !== "" || one.items.length !== 1 || value?.kind !== "value") return false;
  return (
    many.items.length === 2 &&
    many.items.every((item) => item.kind === "value" && sameAnswer(item, value, budget))
  );
}

const asList = (answer: Answer): List =>
  answer.kind === "list"
    ? answer
    : { kind: "list", open: "", close: "", latex: answer.latex, items: [answer] };

function inOrder(a: Answer[], b: Answer[], budget: Budget): boolean {
  return a.length === b.length && a.every((item, index) => sameAnswer(item, b[index]!, budget));
}

/** Without what is written twice in the same way. */
const distinct = (items: Answer[]): Answer[] => [
  ...new Map(items.map((item) => [compact(item.latex), item])).values(),
];

function inAnyOrder(a: Answer[], b: Answer[], budget: Budget): boolean {
  const [items, left] = [distinct(a), distinct(b)];
  if (items.length !== left.length) return false;
  for (const item of items) {
    const found = left.findIndex((other) => sameAnswer(item, other, budget));
    if (found === -1) return false;
    left.splice(found, 1);
  }
  return true;
}

function sameMatrix(a: Answer, b: Answer, budget: Budget): boolean {
  if (a.kind === "matrix" && b.kind === "matrix")
    return (
      a.rows.length === b.rows.length && a.rows.every((row, index) => inOrder(row, b.rows[index]!, budget))
    );
  const [matrix, list] = a.kind === "matrix" ? [a, b] : [b, a];
  if (matrix.kind !== "matrix" || list.kind !== "list" || list.open === "\\{") return false;
  const rows = list.items.map((item) => (item.kind === "list" && item.open === "[" ? item.items : null));
  if (list.open === "[" && rows.length > 0 && rows.every((row) => row !== null))
    return (
      rows.length === matrix.rows.length && rows.every((row, at) => inOrder(matrix.rows[at]!, row!, budget))
    );
  const vector = matrix.rows.length === 1 || matrix.rows.every((row) => row.length === 1);
  return vector && inOrder(matrix.rows.flat(), list.items, budget);
}

function sameRelation(a: Answer, b: Answer, budget: Budget): boolean {
  if (a.kind === "relation" && b.kind === "relation") return sameRelations(a, b, budget);
  const [relation, other] = a.kind === "relation" ? [a, b] : [b, a as Exclude<Answer, Relation>];
  if (relation.kind !== "relation") return false;
  const named = assignment(relation);
  if (named) return sameAnswer(structure(named.value), other, budget);
  return sameRegion(relation, other, budget);
}

function sameRelations(a: Relation, b: Relation, budget: Budget): boolean {
  const [left, right] = [assignment(a), assignment(b)];
  if (left && right && !namesDiffer(left.name, right.name)) {
    if (sameAnswer(structure(left.value), structure(right.value), budget)) return true;
    const [f, g] = [functionBody(a), functionBody(b)];
    if (f && g) return sameAnswer(structure(f), structure(g), budget);
  }
  if (sameChain(a, b, budget) || sameChain(a, reversed(b), budget)) return true;
  if (a.signs.length === 1 && b.signs.length === 1) return sameDifference(a, b, budget);
  return sameRegion(a, b, budget);
}

const reversed = ({ latex, sides, signs }: Relation): Relation => ({
  kind: "relation",
  latex,
  sides: [...sides].reverse(),
  signs: signs.map(turn).reverse(),
});

/** The same signs between the same sides. */
function sameChain(a: Relation, b: Relation, budget: Budget): boolean {
  return (
    a.signs.join() === b.signs.join() &&
    a.sides.every((side, index) => sameValue(side, b.sides[index]!, budget))
  );
}

/** Equations and inequalities whose differences of sides are proportional: `-x > -1` is `x < 1`. */
function sameDifference(a: Relation, b: Relation, budget: Budget): boolean {
  const [one, two] = [difference(a), difference(b)];
  if (!one || !two || variables(one).size === 0) return false;
  const ratios = samples([one, two], budget)
    ?.filter((pair) => pair.every((value) => magnitude(value) > 1e-6))
    .map(([x, y]) => divide(x!, y!));
  const scale = ratios?.[0];
  if (!ratios || !scale || !isReal(scale) || ratios.length < 3) return false;
  const sign = scale[0] > 0 ? b.signs[0]! : turn(b.signs[0]!);
  return sign === a.signs[0] && ratios.every((ratio) => close(ratio, scale));
}

function difference({ sides }: Relation): Expression | null {
  const [left, right] = sides.map(parseExpression);
  return left && right ? { head: "Subtract", args: [left, right] } : null;
}

/** Regions of the number line, written as inequalities, intervals or unions. */
function sameRegion(a: Answer, b: Answer, budget: Budget): boolean {
  const [left, right] = [regionParts(a), regionParts(b)];
  return !!left && !!right && inAnyOrder(left, right, budget);
}
