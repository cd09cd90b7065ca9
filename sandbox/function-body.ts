import { type PythonLine, pythonLines } from "../answers/python-lines.ts";

/** The statements of a function, four columns in: they may come at the margin, deeper, or with their first indent lost. */
export function functionBody(code: string): string {
  const lines = pythonLines(code.replace(/^(?:[ \t]*\n)+/, ""));
  const statements = lines.filter(({ text, within }) => !within && text.trim() !== "" && !/^\s*#/.test(text));
  const [first, second] = statements;
  const rest = Math.min(...statements.slice(1).map(({ indent }) => indent));
  if (first && second && first.indent < rest && (!opens(first) || second.indent > rest)) first.indent = rest;
  const base = Math.min(...statements.map(({ indent }) => indent));
  return lines.map((line) => moved(line, base)).join("\n");
}

const opens = ({ text }: PythonLine): boolean => /:[ \t]*(?:#.*)?$/.test(text);

function moved({ text, indent, within }: PythonLine, base: number): string {
  if (within || text.trim() === "") return text;
  return " ".repeat(Math.max(0, indent - base) + 4) + text.trimStart();
}
