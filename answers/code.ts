import type { Extracted, Problem } from "./problem.ts";
import { spoken } from "./reply.ts";

interface Block {
  language: string;
  code: string;
  closed: boolean;
}

const fence = /^([ \t]*)(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*$/;
const python = /^(?:|py|python|python3|py3|ipython|pycon)$/i;

/** Fenced blocks in order; one that was cut before its closing fence runs to the end. */
function blocks(text: string): Block[] {
  const found: Block[] = [];
  let open: { mark: string; indent: string; language: string; lines: string[] } | null = null;
  for (const line of text.split("\n")) {
    const [, indent = "", mark, language = ""] = fence.exec(line.replace(/\r$/, "")) ?? [];
    if (open && mark?.startsWith(open.mark) && language === "") {
      found.push(block(open, true));
      open = null;
    } else if (!open && mark) open = { mark, indent, language, lines: [] };
    else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
  }
  if (open) found.push(block(open, false));
  return found;
}

function block(open: { language: string; lines: string[] }, closed: boolean): Block {
  return { language: open.language, code: `${open.lines.join("\n").trimEnd()}\n`, closed };
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const definitionOf = (name: string): RegExp =>
  new RegExp(
    `^(?:(?:async[ \\t]+)?def|class)[ \\t]+${escaped(name)}\\b|^${escaped(name)}[ \\t]*(?::[^=\\n]*)?=(?!=)`,
    "m",
  );

/** Names that a block defines at its top level. */
const defined = (code: string): string[] =>
  [...code.matchAll(/^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)/gm)].map(
    (match) => match[1] ?? match[2]!,
  );

/**
 * The program of a reply. Of several fenced blocks the last that defines `problem.entryPoint` is taken, and with it
 * those that define names it uses; blocks of other languages, examples and output are left out. Without a fence, the
 * part that looks like Python.
 */
export function extract(reply: string, problem?: Pick<Problem, "entryPoint">): Extracted {
  const text = spoken(reply);
  const fenced = blocks(text).filter(({ language, code }) => python.test(language) && code.trim() !== "");
  if (fenced.length === 0) {
    const code = bare(text);
    return code ? { answer: code, method: "bare code" } : { answer: null, method: "none" };
  }
  const method = fenced.at(-1)!.closed ? "fence" : "open fence";
  const entry = problem?.entryPoint;
  if (!entry) return { answer: fenced.at(-1)!.code, method };
  const main = fenced.findLastIndex(({ code }) => definitionOf(entry).test(code));
  if (main !== -1)
    return {
      answer: withHelpers(fenced, main, entry),
      method: fenced[main]!.closed ? "entry point" : "open fence",
    };
  const unfenced = bare(text.replace(/```[\s\S]*?(?:```|$)/g, ""));
  if (unfenced && definitionOf(entry).test(unfenced)) return { answer: unfenced, method: "bare code" };
  return { answer: fenced.map(({ code }) => code).join("\n"), method: "all fences" };
}

/** The block at `main` behind the blocks, earlier or later, that define what it uses and does not define itself. */
function withHelpers(fenced: Block[], main: number, entry: string): string {
  const chosen = new Set([main]);
  let program = fenced[main]!.code;
  const own = new Set(defined(program));
  for (let grew = true; grew; ) {
    grew = false;
    for (let at = fenced.length - 1; at >= 0; at--) {
      const { code } = fenced[at]!;
      if (chosen.has(at) || definitionOf(entry).test(code)) continue;
      const fresh = defined(code).filter((name) => !own.has(name));
      const used = new Set(program.match(/[A-Za-z_]\w*/g));
      const imports =
        /^(?:import|from)[ \t]/m.test(code) && fresh.length === 0 && !/^(?!import|from|#|\s).+/m.test(code);
      if (!imports && !fresh.some((name) => used.has(name))) continue;
      chosen.add(at);
      for (const name of fresh) own.add(name);
      program += code;
      grew = true;
    }
  }
  const order = [...chosen].sort((a, b) => a - b);
  return order.map((at) => fenced[at]!.code).join("\n");
}

const starts =
  /^(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+|import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|@\w)/;
const continues =
  /^(?:[ \t]+\S|[)\]}]|#|else\b|elif\b|except\b|finally\b|if\b.*:|for\b.*:|while\b.*:|try:|with\b.*:|return\b|assert\b|print\(|[A-Za-z_][\w.[\]"']*[ \t]*(?:=|\+=|\())/;

/** From the first line that begins a definition or import to the last that belongs to one; or an indented body. */
function bare(text: string): string | null {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => starts.test(line));
  if (first === -1) return /^[ \t]+\S/.test(text) ? `${text.trimEnd()}\n` : null;
  const kept: string[] = [];
  for (const line of lines.slice(first)) {
    if (line.trim() !== "" && !starts.test(line) && !continues.test(line)) break;
    kept.push(line);
  }
  return `${kept.join("\n").trimEnd()}\n`;
}

/** Programs equal but for comments, blank lines, trailing spaces and the width of indentation. */
export function equivalent(a: string, b: string): boolean {
  return a === b || normalized(a) === normalized(b);
}

const token =
  /("""|''')[\s\S]*?(?:\1|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|#[^\n]*|\n|[ \t\r]+|[^"'#\s]+/g;

/** One line for each line of code: its depth of indentation, then its text with single spaces. */
function normalized(program: string): string {
  let code = "";
  for (const [piece] of program.matchAll(token)) {
    if (/^["']/.test(piece)) code += piece.replace(/\s/g, (space) => `\u0000${space.charCodeAt(0)}`);
    else if (!piece.startsWith("#")) code += piece;
  }
  const widths: number[] = [0];
  const lines: string[] = [];
  for (const line of code.split("\n")) {
    const text = line
      .trim()
      .replace(/[ \t]+/g, " ")
      .replace(/ ?([=+\-*/%<>!&|^~,:;()[\]{}]) ?/g, "$1");
    if (text === "") continue;
    const width = /^[ \t]*/.exec(line)![0].replaceAll("\t", "        ").length;
    while (width < widths.at(-1)!) widths.pop();
    if (width > widths.at(-1)!) widths.push(width);
    lines.push(`${widths.length - 1} ${text}`);
  }
  return lines.join("\n");
}
