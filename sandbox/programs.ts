import { functionBody } from "./function-body.ts";
import type { Check } from "./outcome.ts";

/** A row of openai/human-eval. */
interface HumanEvalItem {
  prompt: string;
  entry_point: string;
  /** Official tests: defines `check(candidate)`. */
  test: string;
}

/** A row of MBPP-sanitized. */
export interface MbppItem {
  test_imports: string[];
  test_list: string[];
}

/**
 * What HumanEval runs: the prompt's imports and helpers, then the code. Code that does not define the entry point is
 * a completion of the prompt. The tests get those imports and helpers from the prompt, never from the candidate.
 */
export function humanEval(item: HumanEvalItem, code: string): Check {
  return {
    candidate: humanEvalCode(item, code),
    tests: `${item.test}\ncheck(${item.entry_point})\n`,
    setup: preamble(item),
    entryPoint: item.entry_point,
  };
}

function humanEvalCode(item: HumanEvalItem, code: string): string {
  if (defines(code, item.entry_point)) return futureFirst(`${preamble(item)}\n${code}`);
  return item.prompt + functionBody(code);
}

/** What MBPP runs: its imports before the code, then every assert. What is tested, the judge sees. */
export function mbpp(item: MbppItem, code: string): Check {
  const setup = item.test_imports.join("\n");
  return { candidate: futureFirst(`${setup}\n${code}`), tests: item.test_list, setup };
}

/** `>>> call` with a literal on the next line becomes `assert call == literal`; other examples are left out. */
export function docstringExamples(prompt: string): string[] {
  const examples = prompt.matchAll(/^[ \t]*>>>[ \t]*(.+)\n(?![ \t]*>>>)[ \t]*(.+?)[ \t]*(?:"""|''')?$/gm);
  const literal = /^(?:-?\d[\d._]*(?:e-?\d+)?|True|False|None|'[^'\\]*'|"[^"\\]*"|[[({].*[\])}])$/;
  return [...examples].flatMap(([, call = "", value = ""]) =>
    literal.test(value) && /\)\s*$/.test(call) && balanced(call) && balanced(value)
      ? [`assert ${call.trim()} == ${value}`]
      : [],
  );
}

function balanced(code: string): boolean {
  const brackets = code.replace(/'[^']*'|"[^"]*"/g, "").replace(/[^()[\]{}]/g, "");
  const inner = brackets.replace(/\(\)|\[\]|\{\}/g, "");
  return inner.length === brackets.length ? inner === "" : balanced(inner);
}

const escaped = (name: string) => name.replace(/[^\w]/g, "\\$&");

const defines = (code: string, name: string) =>
  new RegExp(
    `^(?:(?:async[ \\t]+)?def[ \\t]+${escaped(name)}\\b|class[ \\t]+${escaped(name)}\\b|${escaped(name)}[ \\t]*=[^=])`,
    "m",
  ).test(code);

/** What a prompt gives before its target: imports and helper functions. */
function preamble({ prompt, entry_point }: HumanEvalItem): string {
  const at = prompt.search(new RegExp(`^(?:async[ \\t]+)?def[ \\t]+${escaped(entry_point)}\\b`, "m"));
  return at < 0 ? "" : prompt.slice(0, at);
}

/** `from __future__` must come first in a source. */
function futureFirst(code: string): string {
  const line = /^from[ \t]+__future__[ \t]+import[ \t]+[^\n(]+\n?/gm;
  const found = (code.match(line) ?? []).map((text) => `${text.trimEnd()}\n`);
  return found.length === 0 ? code : found.join("") + code.replace(line, "\n");
}
