import type { Check } from "./outcome.ts";

/** A row of openai/human-eval. */
export interface HumanEvalItem {
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

type Task = Omit<Check, "candidate">;

/**
 * The code of a reply: the last fenced block that defines `entryPoint`, with the definitions of the other blocks
 * around it, in their order; blocks without a definition (examples of use, output) are left out. Without a fence
 * the reply itself is the code.
 */
export function codeOf(reply: string, entryPoint?: string): string {
  const blocks = [...reply.matchAll(/^[ \t]*```[^\n]*\n([\s\S]*?)(?:^[ \t]*```|$(?![\s\S]))/gm)].map(
    ([, code]) => code ?? "",
  );
  if (blocks.length === 0) return reply;
  const target = blocks.findLastIndex((code) => entryPoint && defines(code, entryPoint));
  if (target < 0) return blocks.filter(definesAny).join("\n") || (blocks.at(-1) ?? "");
  const kept = blocks.filter(
    (code, at) => at === target || (definesAny(code) && !defines(code, entryPoint ?? "")),
  );
  return kept.join("\n");
}

/**
 * What HumanEval runs: the prompt's imports and helpers, then the code. Code that does not define the entry point is
 * a completion of the prompt. The tests get those imports and helpers from the prompt, never from the candidate.
 */
export function humanEval(item: HumanEvalItem, code: string): Check {
  return {
    candidate: humanEvalCode(item, code),
    ...humanEvalTask(item, `${item.test}\ncheck(${item.entry_point})\n`),
  };
}

/** The same with the examples of the docstring, which a solver may see, in place of the official tests. */
export function humanEvalPublic(item: HumanEvalItem, code: string): Check {
  return { candidate: humanEvalCode(item, code), ...humanEvalTask(item, docstringExamples(item.prompt)) };
}

const humanEvalTask = (item: HumanEvalItem, tests: string | string[]): Task => ({
  tests,
  setup: preamble(item),
  entryPoint: item.entry_point,
});

function humanEvalCode(item: HumanEvalItem, code: string): string {
  if (defines(code, item.entry_point)) return futureFirst(`${preamble(item)}\n${code}`);
  const body = /^[^\s]/.test(code.replace(/^\n+/, "")) ? code.replace(/^(?=.)/gm, "    ") : code;
  return item.prompt + body;
}

/** What MBPP runs: its imports before the code, then every assert. */
export function mbpp(item: MbppItem, code: string): Check {
  const setup = item.test_imports.join("\n");
  const entryPoint = testedName(item.test_list);
  return {
    candidate: futureFirst(`${setup}\n${code}`),
    tests: item.test_list,
    setup,
    ...(entryPoint === undefined ? {} : { entryPoint }),
  };
}

/** The same with the first assert only, the one that the reference shows in the prompt. */
export const mbppPublic = (item: MbppItem, code: string): Check =>
  mbpp({ ...item, test_list: item.test_list.slice(0, 1) }, code);

/** Functions that asserts wrap around the one they test. */
const WRAPPERS = new Set(
  "abs all any bool dict float frozenset int isinstance len list map max min not round set sorted str sum tuple type".split(
    " ",
  ),
);

/** The name that asserts call: the first that is no wrapper. */
export function testedName(asserts: readonly string[]): string | undefined {
  const called = asserts.flatMap((test) =>
    [...test.matchAll(/(?<![.\w])([A-Za-z_]\w*)\s*\(/g)].map(([, name]) => name),
  );
  const names = called.filter((name) => name !== "assert");
  return names.find((name) => !WRAPPERS.has(name ?? "")) ?? names[0];
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

const definesAny = (code: string) =>
  /^(?:(?:async[ \t]+)?def|class|import|from|@\w|[A-Za-z_]\w*[ \t]*=[^=])/m.test(code);

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
