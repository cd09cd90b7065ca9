import type { Expression } from "./expression.ts";

/** A rational number in lowest terms, the denominator positive. */
interface Rational {
  top: bigint;
  bottom: bigint;
}

/** Numbers with more bits than this are left to floating point. */
const MAX_BITS = 20_000;
const MAX_EXPONENT = 5_000;
const MAX_FACTORIAL = 500n;

const bits = (value: bigint): number => value.toString(16).length * 4;

function rational(top: bigint, bottom: bigint): Rational | null {
  if (bottom === 0n) return null;
  let [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  while (b) [a, b] = [b, a % b];
  const sign = bottom < 0n ? -1n : 1n;
  const result = { top: (sign * top) / a, bottom: (sign * bottom) / a };
  return bits(result.top) > MAX_BITS || bits(result.bottom) > MAX_BITS ? null : result;
}

export const same = (a: Rational, b: Rational): boolean => a.top === b.top && a.bottom === b.bottom;

/** A decimal literal of MathJSON: `12`, `1.5e3`, `0.(3)`. */
function literal(text: string): Rational | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*)(?:\((\d+)\))?)?(?:[eE]([+-]?\d{1,6}))?$/.exec(text);
  if (!match || text.length > MAX_EXPONENT) return null;
  const [, sign = "", whole = "", fraction = "", period = "", scale = "0"] = match;
  if (whole + fraction + period === "") return null;
  const exponent = Number(scale) - fraction.length;
  if (Math.abs(exponent) > MAX_EXPONENT) return null;
  const nines = period === "" ? 1n : 10n ** BigInt(period.length) - 1n;
  const digits = BigInt(`${sign}${whole}${fraction}` === sign ? "0" : `${whole}${fraction}`);
  const top = (digits * nines + BigInt(period || 0)) * (sign === "-" ? -1n : 1n);
  return exponent >= 0
    ? rational(top * 10n ** BigInt(exponent), nines)
    : rational(top, nines * 10n ** BigInt(-exponent));
}

const plus = (a: Rational, b: Rational) => rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
const times = (a: Rational, b: Rational) => rational(a.top * b.top, a.bottom * b.bottom);
const minus = ({ top, bottom }: Rational): Rational => ({ top: -top, bottom });

function power(base: Rational, exponent: Rational): Rational | null {
  if (exponent.bottom !== 1n) return null;
  const size = exponent.top < 0n ? -exponent.top : exponent.top;
  if (base.top === 0n) return exponent.top > 0n ? base : null;
  const unit = base.bottom === 1n && (base.top === 1n || base.top === -1n);
  if (unit) return size % 2n === 0n ? { top: 1n, bottom: 1n } : base;
  if (size > BigInt(Math.floor(MAX_BITS / Math.max(bits(base.top), bits(base.bottom))))) return null;
  const [top, bottom] = [base.top ** size, base.bottom ** size];
  return exponent.top < 0n ? rational(bottom, top) : rational(top, bottom);
}

function factorial(value: Rational): Rational | null {
  if (value.bottom !== 1n || value.top < 0n || value.top > MAX_FACTORIAL) return null;
  let top = 1n;
  for (let factor = 2n; factor <= value.top; factor++) top *= factor;
  return { top, bottom: 1n };
}

function binomial(n: Rational, k: Rational): Rational | null {
  const [all, chosen] = [factorial(n), factorial(k)];
  const rest = all && chosen && factorial({ top: n.top - k.top, bottom: 1n });
  return rest ? rational(all.top, chosen.top * rest.top) : null;
}

/** The value of an expression built of rational numbers by rational operations, or null. */
export function exact(expression: Expression): Rational | null {
  if ("number" in expression) return literal(expression.number);
  if ("symbol" in expression) return null;
  const args: Rational[] = [];
  for (const arg of expression.args) {
    const value = exact(arg);
    if (!value) return null;
    args.push(value);
  }
  const [a, b] = args as [Rational, Rational | undefined];
  switch (expression.head) {
    case "Add":
      return args.reduce<Rational | null>((sum, term) => sum && plus(sum, term), { top: 0n, bottom: 1n });
    case "Multiply":
      return args.reduce<Rational | null>((all, term) => all && times(all, term), { top: 1n, bottom: 1n });
    case "Subtract":
      return b ? plus(a, minus(b)) : null;
    case "Negate":
      return minus(a);
    case "Divide":
      return b ? rational(a.top * b.bottom, a.bottom * b.top) : null;
    case "Power":
      return b ? power(a, b) : null;
    case "Abs":
      return a.top < 0n ? minus(a) : a;
    case "Factorial":
      return factorial(a);
    case "Binomial":
      return b ? binomial(a, b) : null;
    default:
      return null;
  }
}
