/** A complex number: real and imaginary part. */
export type Complex = readonly [number, number];

export const real = (value: number): Complex => [value, 0];
export const isReal = ([, b]: Complex): boolean => b === 0;

export const add = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
export const negate = ([a, b]: Complex): Complex => [-a, b === 0 ? 0 : -b];
export const multiply = ([a, b]: Complex, [c, d]: Complex): Complex =>
  b === 0 && d === 0 ? [a * c, 0] : [a * c - b * d, a * d + b * c];

export function divide([a, b]: Complex, [c, d]: Complex): Complex {
  if (b === 0 && d === 0) return [a / c, 0];
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
}

export const magnitude = ([a, b]: Complex): number => Math.hypot(a, b);

export function exp([a, b]: Complex): Complex {
  if (b === 0) return [Math.exp(a), 0];
  return [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)];
}

/** Principal value. */
export const log = (z: Complex): Complex => [Math.log(magnitude(z)), Math.atan2(z[1], z[0])];

/** Principal value. */
export function power(base: Complex, exponent: Complex): Complex {
  if (isReal(base) && isReal(exponent) && (base[0] >= 0 || Number.isInteger(exponent[0])))
    return [base[0] === 0 ? base[0] ** exponent[0] : noUnderflow(base[0] ** exponent[0]), 0];
  if (isReal(exponent) && Number.isInteger(exponent[0]) && Math.abs(exponent[0]) <= 64)
    return integerPower(base, exponent[0]);
  if (base[0] === 0 && base[1] === 0) return exponent[0] > 0 ? [0, 0] : [Number.NaN, Number.NaN];
  return exp(multiply(exponent, log(base)));
}

/** What is too small for a double is not zero. */
const noUnderflow = (value: number): number => (value === 0 ? Number.NaN : value);

function integerPower(base: Complex, exponent: number): Complex {
  let result: Complex = [1, 0];
  for (let left = Math.abs(exponent); left > 0; left--) result = multiply(result, base);
  return exponent < 0 ? divide([1, 0], result) : result;
}

/** Principal square root, exact on the negative axis. */
export function sqrt(z: Complex): Complex {
  if (isReal(z)) return z[0] >= 0 ? [Math.sqrt(z[0]), 0] : [0, Math.sqrt(-z[0])];
  return power(z, [0.5, 0]);
}

export const sin = ([a, b]: Complex): Complex => [
  Math.sin(a) * Math.cosh(b),
  b === 0 ? 0 : Math.cos(a) * Math.sinh(b),
];
export const cos = ([a, b]: Complex): Complex => [
  Math.cos(a) * Math.cosh(b),
  b === 0 ? 0 : -Math.sin(a) * Math.sinh(b),
];
