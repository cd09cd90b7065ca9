import type { Usage } from "./usage.ts";

/** Dollars per million tokens; cached input and reasoning default to the input and output price. */
export interface Price {
  input: number;
  output: number;
  cachedInput?: number | undefined;
  reasoning?: number | undefined;
}

/** Dollars for `usage`, never below 0; reasoning is part of the output, cached input part of the input. */
export function cost(usage: Usage, price: Price): number {
  const fresh = Math.max(0, usage.input - usage.cached);
  const visible = Math.max(0, usage.output - usage.reasoning);
  const perMillion =
    fresh * price.input +
    usage.cached * (price.cachedInput ?? price.input) +
    visible * price.output +
    usage.reasoning * (price.reasoning ?? price.output);
  return Math.max(0, perMillion / 1e6);
}

/** The most that a call can cost: nothing cached, all output at its dearest price. */
export function worstCost({ input, output }: Pick<Usage, "input" | "output">, price: Price): number {
  return (input * price.input + output * Math.max(price.output, price.reasoning ?? 0)) / 1e6;
}
