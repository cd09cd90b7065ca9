import { createRequire } from "node:module";
import type { LatexSyntax } from "@cortex-js/compute-engine/latex-syntax";

/** MathJSON with one form for each thing. */
export type Expression = { number: string } | { symbol: string } | { head: string; args: Expression[] };

const MAX_NODES = 2_000;
const MAX_DEPTH = 60;
const MAX_BARS = 6;
const REMEMBERED = 500;

const load = createRequire(import.meta.url);
let parser: LatexSyntax | undefined;

/**
 * The parser of the compute engine alone: it loads in 40 ms, the whole engine in 400. Its first parse builds its
 * tables. The engine's own evaluation is not used: it has no limits (`9^{9^{9^9}}` takes 20 s).
 */
export function latexParser(): LatexSyntax {
  if (!parser) {
    const engine = load("@cortex-js/compute-engine/latex-syntax") as { LatexSyntax: new () => LatexSyntax };
    parser = new engine.LatexSyntax();
    parser.parse("\\frac{1}{2}");
  }
  return parser;
}

type Json = string | number | Json[] | { num?: string; sym?: string; fn?: Json[] };

const inverses: Record<string, string> = { Sin: "Arcsin", Cos: "Arccos", Tan: "Arctan" };
/** Letters that stand for functions: `f(x+1)` is no product. */
const functionNames = /^[fg]$/;

const headOf = (json: Json | undefined): Json | undefined => (Array.isArray(json) ? json[0] : undefined);
const isWhole = (json: Json | undefined): boolean =>
  typeof json === "number" && Number.isInteger(json) && json >= 0;

/** Throws on what is no expression: the parser's error nodes and strings, too many or too deep nodes. */
function fromJson(json: Json, budget: { nodes: number }, depth = 0): Expression {
  if (--budget.nodes < 0 || depth > MAX_DEPTH) throw new Error("too large");
  const child = (json: Json) => fromJson(json, budget, depth + 1);
  if (typeof json === "number") return { number: String(json) };
  if (typeof json === "string" && !json.startsWith("'")) return { symbol: json };
  if (Array.isArray(json)) return fromFunction(json, child);
  if (typeof json === "object" && json.num !== undefined) return { number: json.num };
  if (typeof json === "object" && json.sym !== undefined) return { symbol: json.sym };
  if (typeof json === "object" && json.fn !== undefined) return fromFunction(json.fn, child);
  throw new Error("no expression");
}

function fromFunction([head, ...all]: Json[], child: (json: Json) => Expression): Expression {
  const args = all.filter((arg) => headOf(arg) !== "HorizontalSpacing");
  const first = args[0];
  if (typeof head !== "string" || head === "Error" || first === undefined) throw new Error("no expression");
  if (head === "Delimiter" || head === "Annotated") return child(first);
  if (head === "InvisibleOperator") return fromProduct(args, child);
  // `\sin^{-1} x` is an inverse, `(\sin x)^{-1}` a reciprocal: there the base is a Delimiter.
  const inverse = inverses[String(headOf(first))];
  if (head === "Power" && inverse && headOf(args[1]) === "Negate" && (args[1] as Json[])[1] === 1)
    return { head: inverse, args: (first as Json[]).slice(1).map(child) };
  return { head, args: args.map(child) };
}

/** Things side by side: a mixed number, a call of `f`, else a product. */
function fromProduct(args: Json[], child: (json: Json) => Expression): Expression {
  const [first, second, ...rest] = args as [Json, Json | undefined, ...Json[]];
  const negative = headOf(first) === "Negate" && isWhole((first as Json[])[1]);
  const fraction = headOf(second) === "Divide" && (second as Json[]).slice(1).every(isWhole);
  if (second !== undefined && fraction && (negative || isWhole(first))) {
    const mixed: Expression = { head: negative ? "Subtract" : "Add", args: [child(first), child(second)] };
    return rest.length === 0 ? mixed : { head: "Multiply", args: [mixed, ...rest.map(child)] };
  }
  const factors: Expression[] = [];
  for (let at = 0; at < args.length; at++) {
    const [here, next] = [args[at]!, args[at + 1]];
    if (typeof here === "string" && functionNames.test(here) && headOf(next) === "Delimiter") {
      factors.push({ head: "Call", args: [child(here), child(next!)] });
      at++;
    } else factors.push(child(here));
  }
  return factors.length === 1 ? factors[0]! : { head: "Multiply", args: factors };
}

const remembered = new Map<string, Expression | null>();

/** The expression that `latex` (normalised, without relation, list or text) stands for, or null. */
export function parseExpression(latex: string): Expression | null {
  const known = remembered.get(latex);
  if (known !== undefined) return known;
  const expression = parse(latex);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(latex, expression);
  return expression;
}

function parse(latex: string): Expression | null {
  if (latex === "" || (latex.match(/\|/g)?.length ?? 0) > MAX_BARS) return null;
  // Square brackets only group here, and nested ones are where the parser backtracks most.
  const grouped = latex.replace(/(\\sqrt\s*\[[^[\]]*\])|\[|\]/g, (bracket, index) =>
    index ? bracket : bracket === "[" ? "(" : ")",
  );
  try {
    return fromJson(latexParser().parse(grouped) as Json, { nodes: MAX_NODES });
  } catch {
    return null;
  }
}
