import { addMoney, type Money, noMoney } from "../models/money.ts";
import { openModel } from "../models/open.ts";
import { worstCost } from "../models/price.ts";
import { modelsOf, type Settings } from "../state/settings.ts";

/** The most that one rollout may cost: its budget, all of it at the dearest price of its models. */
export async function worstCaseOfRollout(settings: Settings): Promise<Money> {
  const models = await Promise.all([...modelsOf(settings)].map((name) => openModel(name)));
  const tokens = settings.budgetTokens ?? (await openModel(settings.model)).entry.budgetTokens;
  const dearest = Math.max(
    ...models.flatMap(({ entry: { price } }) => [
      worstCost({ input: tokens, output: 0 }, price),
      worstCost({ input: 0, output: tokens }, price),
    ]),
  );
  return { tokens, usd: Math.min(settings.budgetUsd ?? Number.POSITIVE_INFINITY, dearest) };
}

/**
 * The money of a whole evaluation. Each rollout's worst case is held while it runs, so that all together never spend more;
 * what it did not spend is there for the next.
 */
export class EvaluationBudget {
  private held: Money = noMoney;
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly limit: Money,
    private spent: Money,
  ) {}

  /** Holds so much as soon as it is free; false where it never will be, or `signal` fires first. */
  async hold(money: Money, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const after = addMoney(addMoney(this.spent, this.held), money);
      if (after.tokens <= this.limit.tokens && after.usd <= this.limit.usd) {
        this.held = addMoney(this.held, money);
        this.inFlight++;
        return true;
      }
      if (this.inFlight === 0) return false;
      await new Promise<void>((go) => this.waiting.push(go));
    }
    return false;
  }

  /** What was held is free again, but for what was paid of it. */
  settle(held: Money, paid: Money): void {
    // Sums of dollars round: nothing is held when nobody is there.
    this.held =
      --this.inFlight === 0 ? noMoney : addMoney(this.held, { tokens: -held.tokens, usd: -held.usd });
    this.spent = addMoney(this.spent, paid);
    for (const go of this.waiting.splice(0)) go();
  }
}
