import {
  add,
  type Complex,
  cos,
  divide,
  exp,
  isReal,
  log,
  magnitude,
  multiply,
  negate,
  power,
  real,
  sin,
  sqrt,
} from "./complex.ts";
import { exact } from "./exact.ts";
import type { Expression } from "./expression.ts";

/** Node visits that one comparison may spend on sampling. */
const MAX_STEPS = 60_000;
/** Terms of one sum or product. */
const MAX_TERMS = 200;
const REAL_POINTS = 10;
const WHOLE_POINTS = 6;
/** Points at which two expressions must both have a value, and the same. */
const ENOUGH = 3;

export class OutOfSteps extends Error {}
class NoValue extends Error {}

/** Where an expression is evaluated. `crossed` tells whether a root or logarithm of a negative number was met. */
interface Point {
  index: number;
  whole: boolean;
  bound: Map<string, number>;
  crossed: boolean;
  budget: { steps: number };
}

/** A number in [0, 1) that depends on the text alone (FNV-1a, then mixed). */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const constants: Record<string, Complex> = {
  Pi: [Math.PI, 0],
  e: [Math.E, 0],
  ExponentialE: [Math.E, 0],
  i: [0, 1],
  i_upright: [0, 1],
  ImaginaryUnit: [0, 1],
};

/** Infinity, sets and placeholders have no value to sample. */
const noNumbers =
  /^(?:PositiveInfinity|NegativeInfinity|ComplexInfinity|ContinuationPlaceholder|Nothing|EmptySet|.*Numbers|[A-Z][a-z]+)$/;
const greek =
  /^(?:Alpha|Beta|Gamma|Delta|Epsilon|Zeta|Eta|Theta|Lambda|Mu|Xi|Sigma|Phi|Psi|Omega|GoldenRatio|EulerGamma)$/;

/** The first points are positive, then signs mix; the last ones lie near zero, inside the domain of arcsin. */
function variableAt(name: string, point: Point): number {
  const random = chance(`${name}@${point.index}`);
  if (point.whole) return 1 + Math.floor(random * 9);
  if (point.index < 3) return 0.3 + random * 2.5;
  if (point.index < 8) return (random - 0.5) * 6;
  return (random - 0.5) * 1.8;
}

function symbolValue(symbol: string, point: Point): Complex {
  const bound = point.bound.get(symbol);
  if (bound !== undefined) return real(bound);
  const constant = constants[symbol];
  if (constant) return constant;
  if (noNumbers.test(symbol) && !greek.test(symbol)) throw new NoValue();
  // `a_n` is the n-th of a sequence wherever n has a value of its own.
  const indexed = /^([^_]+)_([a-z])$/.exec(symbol);
  if (indexed) return unknown(indexed[1]!, [symbolValue(indexed[2]!, point)], point);
  return real(variableAt(symbol, point));
}

/** An unknown function: any value will do, if it is the same for the same arguments. */
function unknown(name: string, args: Complex[], point: Point): Complex {
  const key = args.map(([a, b]) => `${(a + 0).toPrecision(8)},${b.toPrecision(8)}`).join(";");
  return real(0.3 + 2 * chance(`${name}(${key})@${point.index}`));
}

const realOnly =
  (f: (value: number) => number) =>
  (z: Complex): Complex =>
    isReal(z) ? [f(z[0]), 0] : [Number.NaN, Number.NaN];
const reciprocal =
  (f: (z: Complex) => Complex) =>
  (z: Complex): Complex =>
    divide([1, 0], f(z));
const tan = (z: Complex): Complex => divide(sin(z), cos(z));

function wholeFactorial(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 170) return Number.NaN;
  let result = 1;
  for (let factor = 2; factor <= value; factor++) result *= factor;
  return result;
}

function greatestDivisor(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return Number.NaN;
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}

const unary: Record<string, (z: Complex) => Complex> = {
  Negate: negate,
  Exp: exp,
  Sin: sin,
  Cos: cos,
  Tan: tan,
  Cot: reciprocal(tan),
  Sec: reciprocal(cos),
  Csc: reciprocal(sin),
  Sinh: realOnly(Math.sinh),
  Cosh: realOnly(Math.cosh),
  Tanh: realOnly(Math.tanh),
  Arcsin: realOnly(Math.asin),
  Arccos: realOnly(Math.acos),
  Arctan: realOnly(Math.atan),
  Floor: realOnly(Math.floor),
  Ceil: realOnly(Math.ceil),
  Abs: (z) => real(magnitude(z)),
  Factorial: realOnly(wholeFactorial),
  Conjugate: ([a, b]) => [a, -b],
};

const angular = /^(?:Sin|Cos|Tan|Cot|Sec|Csc)$/;

function evaluate(expression: Expression, point: Point, inAngle = false): Complex {
  if (--point.budget.steps < 0) throw new OutOfSteps();
  if ("number" in expression) {
    const value = Number(expression.number);
    if (!Number.isNaN(value)) return real(value);
    const repeating = exact(expression);
    if (repeating) return real(Number(repeating.top) / Number(repeating.bottom));
    throw new NoValue();
  }
  if ("symbol" in expression) return symbolValue(expression.symbol, point);
  const { head, args } = expression;
  if (head === "Sum" || head === "Product") return series(head, args, point);
  if (head === "Power" || head === "Root") return powerOf(head, args, point, inAngle);
  if (head === "Call" || head === "Subscript") {
    const name = args[0];
    if (!name || !("symbol" in name)) throw new NoValue();
    return unknown(
      name.symbol,
      args.slice(1).map((arg) => evaluate(arg, point)),
      point,
    );
  }
  const values = args.map((arg) => evaluate(arg, point, inAngle || angular.test(head)));
  return applied(head, values, point, inAngle);
}

function applied(head: string, values: Complex[], point: Point, inAngle: boolean): Complex {
  const [a, b] = values;
  if (!a) throw new NoValue();
  const single = unary[head];
  if (single && values.length === 1) return single(a);
  switch (head) {
    case "Add":
      return values.reduce(add);
    case "Multiply":
      return values.reduce(multiply);
    case "Subtract":
      if (b) return add(a, negate(b));
      break;
    case "Divide":
      if (b) return divide(a, b);
      break;
    case "Sqrt":
      return sqrt(crossing(a, point));
    case "Ln":
    case "Log":
      return divide(log(crossing(a, point)), b ? log(b) : real(head === "Ln" ? 1 : Math.LN10));
    case "Lb":
      return divide(log(crossing(a, point)), real(Math.LN2));
    case "Degrees":
      return inAngle ? multiply(a, real(Math.PI / 180)) : a;
    case "Mod":
      if (b && isReal(a) && isReal(b)) return real(((a[0] % b[0]) + b[0]) % b[0]);
      break;
    case "Binomial":
    case "Choose":
      if (b && isReal(a) && isReal(b))
        return real(
          wholeFactorial(a[0]) / (wholeFactorial(b[0]) * wholeFactorial(Math.max(-1, a[0] - b[0]))),
        );
      break;
    case "Max":
    case "Min":
      if (values.every(isReal)) return real(Math[head === "Max" ? "max" : "min"](...values.map(([x]) => x)));
      break;
    case "GCD":
    case "LCM": {
      if (!b || !isReal(a) || !isReal(b) || values.length > 2) break;
      const divisor = greatestDivisor(a[0], b[0]);
      return real(head === "GCD" ? divisor : Math.abs(a[0] * b[0]) / divisor);
    }
  }
  throw new NoValue();
}

function crossing(value: Complex, point: Point): Complex {
  if (!isReal(value) || value[0] < 0) point.crossed = true;
  return value;
}

/** Powers and roots; a root of odd order of a negative number is the real one. */
function powerOf(head: string, args: Expression[], point: Point, inAngle: boolean): Complex {
  const [baseOf, exponentOf] = args;
  if (!baseOf) throw new NoValue();
  const base = evaluate(baseOf, point, inAngle);
  const given: Expression = exponentOf ?? { number: "2" };
  const exponent: Expression = head === "Root" ? { head: "Divide", args: [{ number: "1" }, given] } : given;
  const value = evaluate(exponent, point);
  if (!isReal(base) || base[0] >= 0 || Number.isInteger(value[0])) return power(base, value);
  const fraction = exact(exponent);
  if (!fraction || fraction.bottom % 2n === 0n) return power(crossing(base, point), value);
  const size = (-base[0]) ** value[0];
  return real(fraction.top % 2n === 0n ? size : -size);
}

/** A finite sum or product: [term, [variable, from, to]]. */
function series(head: "Sum" | "Product", args: Expression[], point: Point): Complex {
  const [term, limits, ...more] = args;
  if (!term || !limits || !("args" in limits) || more.length > 0) throw new NoValue();
  const [variable, from, to] = limits.args;
  if (!variable || !("symbol" in variable) || !from || !to) throw new NoValue();
  const [[first], [last]] = [evaluate(from, point), evaluate(to, point)];
  if (!Number.isInteger(first) || !Number.isInteger(last) || last - first > MAX_TERMS)
    return [Number.NaN, Number.NaN];
  const outer = point.bound.get(variable.symbol);
  let total: Complex = head === "Sum" ? [0, 0] : [1, 0];
  for (let at = first; at <= last; at++) {
    point.bound.set(variable.symbol, at);
    const value = evaluate(term, point);
    total = head === "Sum" ? add(total, value) : multiply(total, value);
  }
  if (outer === undefined) point.bound.delete(variable.symbol);
  else point.bound.set(variable.symbol, outer);
  return total;
}

const finite = ([a, b]: Complex) => Number.isFinite(a) && Number.isFinite(b);

/** Relative difference that rounding in double precision may leave. */
const TOLERANCE = 1e-9;
const NEAR_ZERO = 1e-12;

export const close = (a: Complex, b: Complex): boolean =>
  magnitude(add(a, negate(b))) <= Math.max(NEAR_ZERO, TOLERANCE * Math.max(magnitude(a), magnitude(b)));

export function newBudget(): { steps: number } {
  return { steps: MAX_STEPS };
}

type Budget = ReturnType<typeof newBudget>;

function at(expressions: Expression[], index: number, whole: boolean, budget: Budget) {
  const point: Point = { index, whole, bound: new Map(), crossed: false, budget };
  const values = expressions.map((expression) => evaluate(expression, point));
  return { values, crossed: point.crossed };
}

/**
 * Values of the expressions at random points where all have one; null where an expression has none at all. Points
 * that need the root or logarithm of a negative number count only when there are no others, whole numbers (for
 * factorials and sums) only when nothing else has a value. Throws OutOfSteps.
 */
export function samples(expressions: Expression[], budget: Budget): Complex[][] | null {
  try {
    if (expressions.every((expression) => variables(expression).size === 0)) {
      const { values } = at(expressions, 0, false, budget);
      return values.every(finite) ? [values] : null;
    }
    const all = Array.from({ length: REAL_POINTS }, (_, index) =>
      at(expressions, index, false, budget),
    ).filter(({ values }) => values.every(finite));
    const plain = all.filter(({ crossed }) => !crossed);
    if (plain.length >= ENOUGH) return plain.map(({ values }) => values);
    const whole = Array.from({ length: WHOLE_POINTS }, (_, index) =>
      at(expressions, index, true, budget),
    ).filter(({ values, crossed }) => !crossed && values.every(finite));
    if (whole.length >= ENOUGH) return whole.map(({ values }) => values);
    return all.length >= ENOUGH ? all.map(({ values }) => values) : null;
  } catch (error) {
    if (error instanceof NoValue) return null;
    throw error;
  }
}

/** Names of what an expression leaves open. */
export function variables(expression: Expression, found = new Set<string>()): Set<string> {
  if ("symbol" in expression && !constants[expression.symbol]) found.add(expression.symbol);
  if ("args" in expression) for (const arg of expression.args) variables(arg, found);
  return found;
}
