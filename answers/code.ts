import type { Extracted, Problem } from "./problem.ts";
import { pythonLines } from "./python-lines.ts";
import { readReply } from "./reply.ts";

interface Block {
  language: string;
  code: string;
  closed: boolean;
}

const fence = /^([ \t]*)(`{3,}|~{3,})[ \t]*([\w+#.-]*)([^\n`]*)$/;
const oneLine =
  /(`{3,})[ \t]*(?:python3?|py)?[ \t]*((?:def|class|async|from|import|return|lambda|@?\w+[ \t]*=)[^`]*)\1/;
const python = /^(?:|py|python|python3|py3|ipython|pycon)$/i;
const starts =
  /^(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+|import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|@\w)/;

/** Fenced blocks in order; one that was cut before its closing fence runs to the end. */
function blocks(text: string): Block[] {
  const found: Block[] = [];
  let open: { mark: string; indent: string; language: string; lines: string[] } | null = null;
  for (const raw of text.split("\n")) {
    const line = raw.replace(/\r$/, "");
    const inline = open ? null : oneLine.exec(line);
    const [, indent = "", mark, word = "", rest = ""] = fence.exec(line) ?? [];
    if (inline) found.push(block({ language: "", lines: [inline[2]!] }, true));
    else if (open && mark?.startsWith(open.mark) && word === "") {
      found.push(block(open, true));
      open = null;
    } else if (!open && mark) open = { mark, indent, ...opened(word, rest) };
    else if (open && !mark && line.trimEnd().endsWith(open.mark)) {
      open.lines.push(line.trimEnd().slice(0, -open.mark.length));
      found.push(block(open, true));
      open = null;
    } else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
  }
  if (open) found.push(block(open, false));
  return found;
}

/** What stands behind an opening fence: a language, and at times the first line of code. */
function opened(word: string, rest: string): { language: string; lines: string[] } {
  if (starts.test(rest.trimStart())) return { language: word, lines: [rest.trimStart()] };
  if (starts.test(word + rest)) return { language: "", lines: [word + rest] };
  return { language: word, lines: [] };
}

function block({ language, lines }: { language: string; lines: string[] }, closed: boolean): Block {
  return { language, code: `${withoutPrompts(lines).join("\n").trimEnd()}\n`, closed };
}

/** What was typed in a session of the interpreter, without its prompts and output. */
function withoutPrompts(lines: string[]): string[] {
  if (!lines.find((line) => line.trim() !== "")?.startsWith(">>>")) return lines;
  return lines.filter((line) => /^(?:>>>|\.\.\.)/.test(line)).map((line) => line.slice(3).replace(/^ /, ""));
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
 * part that looks like Python, be it the body of a function alone.
 */
export function extract(reply: string, problem?: Pick<Problem, "entryPoint">): Extracted {
  const text = readReply(reply).text.trimEnd();
  const fenced = blocks(text).filter(({ language, code }) => python.test(language) && code.trim() !== "");
  const entry = problem?.entryPoint;
  if (fenced.length === 0) return unfenced(text, entry);
  const method = fenced.at(-1)!.closed ? "fence" : "open fence";
  if (!entry) return { answer: fenced.at(-1)!.code, method };
  const main = fenced.findLastIndex(({ code }) => definitionOf(entry).test(code));
  if (main !== -1)
    return {
      answer: withHelpers(fenced, main, entry),
      method: fenced[main]!.closed ? "entry point" : "open fence",
    };
  const outside = definitions(text.replace(/```[\s\S]*?(?:```|$)/g, ""));
  if (outside && definitionOf(entry).test(outside)) return { answer: outside, method: "bare code" };
  const alone = fenced.findLast(({ code }) => !starts.test(code) && leaves.test(code));
  if (alone) return { answer: alone.code, method: alone.closed ? "fence" : "open fence" };
  return { answer: fenced.map(({ code }) => code).join("\n"), method: "all fences" };
}

function unfenced(text: string, entry?: string): Extracted {
  const inline = [...text.matchAll(/`((?:def|class)[ \t][^`\n]+)`/g)].map(([, code]) => `${code}\n`);
  const spans = [definitions(text), indentedDefinitions(text), ...inline];
  const found = spans.find((code) => code && (!entry || definitionOf(entry).test(code)));
  const code = found ?? body(text) ?? spans.find((span) => span);
  return code ? { answer: code, method: "bare code" } : { answer: null, method: "none" };
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

const continues =
  /^(?:[ \t]+\S|[)\]}]|#|else\b|elif\b|except\b|finally\b|if\b.*:|for\b.*:|while\b.*:|try:|with\b.*:|return\b|assert\b|print\(|[A-Za-z_][\w.[\]"']*[ \t]*(?:=|\+=|\())/;

/** From the first line that begins a definition or import to the last that belongs to one. */
function definitions(text: string): string | null {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => starts.test(line));
  if (first === -1) return null;
  const kept: string[] = [];
  for (const { text: line, within } of pythonLines(lines.slice(first).join("\n"))) {
    if (!within && line.trim() !== "" && !starts.test(line) && !continues.test(line)) break;
    kept.push(line);
  }
  return `${kept.join("\n").trimEnd()}\n`;
}

/** The same for a block that Markdown or a list sets in by an indent. */
function indentedDefinitions(text: string): string | null {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => starts.test(line.trimStart()));
  if (first === -1) return null;
  const indent = /^[ \t]*/.exec(lines[first]!)![0];
  const kept: string[] = [];
  for (const line of lines.slice(first)) {
    if (line.trim() !== "" && !line.startsWith(indent)) break;
    kept.push(line.slice(indent.length));
  }
  return `${kept.join("\n").trimEnd()}\n`;
}

/** A line on which a function ends or gives something. */
const leaves = /^[ \t]*(?:return|yield|raise)\b/m;
const compound =
  /^[ \t]*(?:if|elif|while|for|with|else|try|except|finally|def|class)\b.*:[ \t]*(?:#.*|\w.*)?$/;
const simple =
  /^[ \t]*(?:(?:return|yield|raise|assert|global|nonlocal|import|from)\b|pass$|break$|continue$|#|@\w|"""|'''|[)\]}])/;
const assignment = /^[ \t]*[A-Za-z_][\w.[\]"', *:+-]*[ \t]*(?:[-+*%|&^/]|\/\/|\*\*|<<|>>)?=(?!=)/;
const call = /^[ \t]*[A-Za-z_][\w.[\]]*\(.*\)?[ \t]*$/;

/** The first run of statements that leaves a function: the body of one, whose first indent may be lost. */
function body(text: string): string | null {
  let run: string[] = [];
  for (const { text: line, within } of pythonLines(text)) {
    const code = [compound, simple, assignment, call].some((form) => form.test(line));
    if (within || line.trim() === "" || code) run.push(line);
    else if (leaves.test(run.join("\n"))) break;
    else run = [];
  }
  const code = run.join("\n").trimEnd();
  return leaves.test(code) ? `${code.replace(/^(?:[ \t]*\n)+/, "")}\n` : null;
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
