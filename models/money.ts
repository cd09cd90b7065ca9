/** Tokens (input plus output, reasoning and cached included) and dollars. Infinity: no limit. */
export interface Money {
  tokens: number;
  usd: number;
}

export const noMoney: Money = { tokens: 0, usd: 0 };

export const addMoney = (a: Money, b: Money): Money => ({ tokens: a.tokens + b.tokens, usd: a.usd + b.usd });

export const subtractMoney = (a: Money, b: Money): Money => ({
  tokens: Math.max(0, a.tokens - b.tokens),
  usd: Math.max(0, a.usd - b.usd),
});

/** An equal share for each of `n` speakers of a fan-out. */
export const equalShare = (money: Money, n: number): Money => ({
  tokens: Math.floor(money.tokens / n),
  usd: money.usd / n,
});
