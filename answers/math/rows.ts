import { splitTop } from "./latex.ts";

const environment =
  /^(?:\\\{\s*)?\\begin\s*\{(aligned|align\*?|alignedat|gathered|gather\*?|split|eqnarray\*?|[dr]?cases|array)\}\s*(?:\[[a-z]\])?\s*(?:\{[lcr| \d]*\})?(.*)\\end\s*\{\1\}$/s;
const sign = /\\(?:le|ge|ne|approx|in|equiv)(?![a-zA-Z])|[=<>]/g;
const condition = /^(?:\\text\s*\{)?\s*(?:if|for|when|where|provided)?\s*/i;

/** What an environment of rows holds: equations that all hold, or the cases of a function. */
type Rows =
  | { kind: "equations"; equations: string[] }
  | { kind: "cases"; cases: [value: string, condition: string][] };

const withoutText = (cell: string): string =>
  cell
    .replace(/\\text\s*\{\s*,?\s*(?:if|for|when|where|provided)?\s*\}/gi, " ")
    .replace(condition, "")
    .replace(/^\s*,|,\s*$/g, "")
    .trim();

/** The rows of `aligned`, `cases` and their like, or of an array of equations; null for anything else. */
export function rowsOf(latex: string): Rows | null {
  const [, name, body] = environment.exec(latex) ?? [];
  if (name === undefined || body === undefined || /\\begin/.test(body)) return null;
  const rows = body
    .split("\\\\")
    .map((row) => row.trim())
    .filter((row) => row !== "");
  const isRelation = (row: string) => splitTop(row.replaceAll("&", " "), sign).found.length > 0;
  const splits = (row: string) =>
    row.includes("&") && !/&\s*(?:=|<|>|\\(?:le|ge|ne|approx|in|equiv)(?![a-zA-Z]))/.test(row);
  if (/cases$/.test(name) && rows.some(splits)) {
    const cells = rows.map((row) => row.split("&"));
    if (cells.some((row) => row.length > 2)) return null;
    return {
      kind: "cases",
      cases: cells.map(([value = "", when = ""]) => [withoutText(value), withoutText(when)]),
    };
  }
  if (!rows.every(isRelation) && name === "array") return null;
  const equations: string[] = [];
  for (const row of rows) {
    const text = row.replaceAll("&", " ").trim();
    if (/^[=<>]|^\\(?:le|ge)(?![a-zA-Z])/.test(text) && equations.length > 0)
      equations.push(`${equations.pop()} ${text}`);
    else equations.push(text);
  }
  return { kind: "equations", equations };
}
