import { closing, splitTop } from "./latex.ts";
import { type Answer, type List, type Relation, realsWithout, structure } from "./structure.ts";

const atom = "(?:[a-zA-Z]|\\\\(?!sqrt|frac|text)[a-zA-Z]+)(?:_(?:\\w|\\{[^{}]*\\}|\\\\[a-zA-Z]+))?'*";
const measured =
  "angle|triangle|overline|overrightarrow|vec|hat|bar|widehat|sin|cos|tan|cot|sec|csc|log|ln|deg|Delta";
const names = [
  new RegExp(`^${atom}$`),
  /^[A-Z]{2,}'?$/,
  /^[a-zA-Z]{4,}$/,
  /^\|[A-Z]{1,3}\|$/,
  new RegExp(`^(?:m|n)?(?:\\\\(?:${measured})\\s*)+(?:\\{?[a-zA-Z]{1,3}\\}?|${atom})$`),
  /^\\(?:vec|overrightarrow)\{?[a-zA-Z]{1,2}\}?\\cdot\\(?:vec|overrightarrow)\{?[a-zA-Z]{1,2}\}?$/,
  /^\\text\{[^{}]*\}$/,
  /^\\text\{[^{}]*\}[^+-]*$/,
];
const called = new RegExp(`^(?!x|y|z|n|\\d)${atom}(?:\\^\\{?-1\\}?)?\\(`);
const fraction = /^\\frac\{([^{}]*)\}\{([^{}]*)\}$/;

/** Whether an expression only names what an answer is the value of: `x`, `f(2)`, `\angle ABC`, `(p,q)`, `AB:CD`. */
function isName(latex: string): boolean {
  const text = latex.replace(/\s/g, "");
  if (names.some((name) => name.test(text))) return true;
  if (called.test(text)) return closing(text, text.indexOf("(")) === text.length - 1;
  const [, top, bottom] = fraction.exec(text) ?? [];
  if (top !== undefined && bottom !== undefined) return isName(top) && isName(bottom);
  const inner = text.startsWith("(") && closing(text, 0) === text.length - 1 ? text.slice(1, -1) : text;
  const { parts, found } = splitTop(inner, /[,:]/g);
  return found.length > 0 && parts.every((part) => part !== inner && isName(part));
}

const isEquation = ({ signs }: Relation): boolean => signs.every((sign) => sign === "=");

/** Without a variable: numbers and what is done with them. */
const isCalculation = (latex: string): boolean =>
  !/[a-zA-Z]/.test(latex.replace(/\\(?:frac|sqrt|pi|binom|cdot|times|div)(?![a-zA-Z])/g, ""));

/** `name = value`, the name standing left or right; a chain or calculation that is carried out gives its last side. */
export function assignment(relation: Relation): { name: string; value: string } | null {
  if (!isEquation(relation)) return null;
  const [first, last] = [relation.sides[0]!, relation.sides.at(-1)!];
  if (isName(first)) return { name: first, value: last };
  if (relation.sides.length > 2) return { name: "", value: last };
  if (!isCalculation(first)) return null;
  if (isCalculation(last)) return { name: "", value: last };
  return isName(last) ? { name: last, value: first } : null;
}

/** Whether two names speak of different things: `x` and `y` do, `m` and `\angle A` may not. */
export function namesDiffer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((name) => name.replace(/\s/g, ""));
  return left !== right && names[0]!.test(left!) && names[0]!.test(right!);
}

/** `f(x) = …` with its variable written as `x`; null for other relations. */
export function functionBody(relation: Relation): string | null {
  const [name = "", body] = relation.sides;
  const variable = /^[a-zA-Z]\s*\(\s*([a-zA-Z])\s*\)$/.exec(name.trim())?.[1];
  if (!variable || relation.sides.length !== 2 || !isEquation(relation) || !body) return null;
  return body.replace(
    new RegExp(`(?<![a-zA-Z\\\\])${variable}(?![a-zA-Z])|(?<=\\d)${variable}(?![a-zA-Z])`, "g"),
    "x ",
  );
}

const turned: Record<string, string> = { "<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le" };
/** Sign of a relation read from right to left. */
export const turn = (sign: string): string => turned[sign] ?? sign;

function interval(low: string, high: string, openLow: boolean, openHigh: boolean): Answer {
  return structure(`${openLow ? "(" : "["}${low},${high}${openHigh ? ")" : "]"}`);
}

/** The intervals in which the one variable of an inequality lies; null where it does not stand alone. */
function inequalityParts({ sides, signs }: Relation): Answer[] | null {
  const name = sides.findIndex(isName);
  if (name === -1) return null;
  const [ascending, descending] = [
    signs.every((sign) => sign === "<" || sign === "\\le"),
    signs.every((sign) => sign === ">" || sign === "\\ge"),
  ];
  if (sides.length === 3 && name === 1 && (ascending || descending)) {
    const open = signs.map((sign) => sign === "<" || sign === ">");
    return ascending
      ? [interval(sides[0]!, sides[2]!, open[0]!, open[1]!)]
      : [interval(sides[2]!, sides[0]!, open[1]!, open[0]!)];
  }
  if (sides.length !== 2) return null;
  const bound = sides[1 - name]!;
  const sign = name === 0 ? signs[0]! : turn(signs[0]!);
  if (sign === "<" || sign === "\\le") return [interval("-\\infty", bound, true, sign === "<")];
  if (sign === ">" || sign === "\\ge") return [interval(bound, "\\infty", sign === ">", true)];
  if (sign === "\\ne")
    return [interval("-\\infty", bound, true, true), interval(bound, "\\infty", true, true)];
  return null;
}

/** The parts of a region of the number line, or null where the answer does not describe one. */
export function regionParts(answer: Answer): Answer[] | null {
  if (answer.kind === "relation") return inequalityParts(answer);
  const many = answer.kind === "union" ? answer.parts : isBareList(answer) ? answer.items : null;
  if (!many) return answer.kind === "list" ? [answer] : null;
  const excluded = many.map((part) =>
    part.kind === "relation" && part.signs.join() === "\\ne" ? part : null,
  );
  if (excluded.length > 1 && excluded.every((part) => part !== null && isName(part.sides[0]!))) {
    const rest = realsWithout(excluded.map((part) => part!.sides[1]!));
    if (rest) return regionParts(rest);
  }
  const parts = many.map(regionParts);
  return parts.some((part) => part === null) ? null : parts.flatMap((part) => part!);
}

const isBareList = (answer: Answer): answer is List => answer.kind === "list" && answer.open === "";

/** The records of a list of assignments: (5,2), (7,2) for `p=5, q=2; p=7, q=2`, one tuple where each name comes once. */
export function records(answer: Answer): Answer | null {
  if (!isBareList(answer)) return null;
  const named = answer.items.map((item) => (item.kind === "relation" ? assignment(item) : null));
  if (named.length < 2 || named.some((item) => item === null)) return null;
  const letters = named.map((item) => item!.name.replace(/\s|_(?:\w|\{[^{}]*\})/g, ""));
  const fields = [...new Set(letters)];
  const values = named.map((item) => item!.value);
  if (fields.length === 1) return structure(values.join(";"));
  if (values.length % fields.length !== 0) return null;
  const rows: string[] = [];
  for (let from = 0; from < values.length; from += fields.length) {
    const at = fields.map((field) => letters.indexOf(field, from));
    if (at.some((index) => index < from || index >= from + fields.length)) return null;
    rows.push(`(${at.map((index) => values[index]).join(",")})`);
  }
  return structure(rows.join(";"));
}

/** `x = 1, 2, 3` names its first item only: the items without that name. */
export function unnamedItems({ items }: List): Answer[] {
  const [first, ...rest] = items;
  const named = first?.kind === "relation" ? assignment(first) : null;
  return named && rest.every((item) => item.kind !== "relation") ? [structure(named.value), ...rest] : items;
}
