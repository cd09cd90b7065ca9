import { randomUUID } from "node:crypto";
import { z } from "zod";

/** Tokens (input plus output, reasoning and cached included) and dollars. Infinity: no limit. */
export interface Money {
  tokens: number;
  usd: number;
}

/** What a provider reports for one request, in tokens. */
export interface Usage {
  input: number;
  output: number;
  /** Part of `output` that was thinking. */
  reasoning: number;
  /** Part of `input` that the provider had cached. */
  cached: number;
}

/** Dollars per million tokens; cached input and reasoning default to the input and output price. */
interface Price {
  input: number;
  output: number;
  cachedInput?: number | undefined;
  reasoning?: number | undefined;
}

/**
 * One request to a model: every attempt is its own call, with its own id.
 * `open` and `unknown` (cut, timed out, killed) count at the full reservation, `failed` (refused by HTTP) at nothing.
 */
export const Call = z.object({
  id: z.string(),
  /** The graph task that made it: the same when a superstep is run again after a crash, another in a fork. */
  task: z.string(),
  node: z.string(),
  expert: z.string().nullable(),
  step: z.number().int(),
  model: z.string(),
  endpoint: z.string(),
  /** Our own count of the messages, and of the schema that rides with them, in tokens. */
  counted: z.number().int(),
  schema: z.number().int(),
  reserved: z.object({ tokens: z.number(), usd: z.number() }),
  maxTokens: z.number().int(),
  status: z.enum(["open", "settled", "failed", "unknown"]),
  input: z.number().int(),
  output: z.number().int(),
  reasoning: z.number().int(),
  cached: z.number().int(),
  usd: z.number(),
  /** The provider reported no usage, or one that cannot be: the numbers are our own counts. */
  estimated: z.boolean(),
  /** What the provider's report of usage contradicts: itself, or our own count. */
  usageDoubts: z.array(z.string()).optional(),
  /** The server sent more than `maxTokens` and was cut off. */
  overrun: z.boolean(),
  /** Played back from a cassette: counted against the budget, paid by nobody. */
  replayed: z.boolean(),
  ms: z.number(),
  prompt: z.string().optional(),
  error: z.string().optional(),
});
export type Call = z.infer<typeof Call>;

/** Dollars for `usage`, never below 0; reasoning is part of the output, cached input part of the input. */
export function cost(usage: Usage, price: Price): number {
  const fresh = Math.max(0, usage.input - usage.cached);
  const said = Math.max(0, usage.output - usage.reasoning);
  const perMillion =
    fresh * price.input +
    usage.cached * (price.cachedInput ?? price.input) +
    said * price.output +
    usage.reasoning * (price.reasoning ?? price.output);
  return Math.max(0, perMillion / 1e6);
}

/** The most that a call can cost: nothing cached, all output at its dearest price. */
export function worstCost({ input, output }: Pick<Usage, "input" | "output">, price: Price): number {
  return (input * price.input + output * Math.max(price.output, price.reasoning ?? 0)) / 1e6;
}

/** What one call takes out of the budget, never below 0. */
export function charge(call: Call): Money {
  if (call.status === "failed") return { tokens: 0, usd: 0 };
  if (call.status === "settled")
    return { tokens: Math.max(0, call.input + call.output), usd: Math.max(0, call.usd) };
  return call.reserved;
}

export function spent(calls: readonly Call[]): Money {
  const total = { tokens: 0, usd: 0 };
  for (const call of calls) {
    const { tokens, usd } = charge(call);
    total.tokens += tokens;
    total.usd += usd;
  }
  return total;
}

export const noMoney: Money = { tokens: 0, usd: 0 };

export const subtract = (a: Money, b: Money): Money => ({
  tokens: Math.max(0, a.tokens - b.tokens),
  usd: Math.max(0, a.usd - b.usd),
});

/** An equal share for each of `n` speakers of a fan-out. */
export const equalShare = (money: Money, n: number): Money => ({
  tokens: Math.floor(money.tokens / n),
  usd: money.usd / n,
});

/** Merges calls by id; a later account of the same call wins. This is the state's reducer. */
export function mergeCalls(old: Call[], fresh: Call[]): Call[] {
  const byId = new Map(old.map((call) => [call.id, call]));
  for (const call of fresh) byId.set(call.id, call);
  return [...byId.values()];
}

/** Before a server has shown how it counts, its count is taken to be up to this much above ours. */
const UNKNOWN_RATIO = 1.25;
/** Prompts differ: a known ratio is raised by this factor. */
const RATIO_MARGIN = 1.1;

/**
 * The endpoint's worst server-to-own token ratio so far. Calls that carried a schema count as evidence only
 * upwards: a server may not bill the schema at all, and a text call after it would then be reserved too little.
 */
export function tokenRatio(calls: readonly Call[], endpoint: string): number {
  const known = calls.filter(
    (call) => call.endpoint === endpoint && call.status === "settled" && !call.estimated && call.counted > 0,
  );
  const plain = known.filter((call) => call.schema === 0);
  const ratios = known.map((call) => call.input / (call.counted + call.schema));
  const least = plain.length > 0 ? 0 : UNKNOWN_RATIO;
  return Math.max(least, ...ratios.map((ratio) => ratio * RATIO_MARGIN));
}

/** Whether the model was seen to say more at this endpoint than it was allowed. */
export const overruns = (calls: readonly Call[], model: string, endpoint: string): boolean =>
  calls.some((call) => call.overrun && call.model === model && call.endpoint === endpoint);

export class OutOfBudget extends Error {
  override name = "OutOfBudget";
  constructor(
    readonly account: "tokens" | "usd" | "seconds",
    message: string,
  ) {
    super(message);
  }
}

/** The budget of a run cannot hold even one short solve. */
export class BudgetTooSmall extends Error {
  override name = "BudgetTooSmall";
}

/** A prompt that leaves no room for a reply in the model's context. */
export class ContextOverflow extends Error {
  override name = "ContextOverflow";
}

export interface ReservationRequest {
  node: string;
  expert: string | null;
  step: number;
  task: string;
  model: string;
  endpoint: string;
  price: Price;
  /** Our count of the messages and of the schema, in tokens, and the ratio that makes a reservation of it. */
  counted: number;
  schema: number;
  ratio: number;
  /** Output tokens wanted, and the fewest that are of any use. */
  maxTokens: number;
  minTokens: number;
  /** The model's context length, in tokens. */
  context: number;
  /** Money that this call must leave untouched. */
  reserved: Money;
  /** The server has ignored `max_tokens` before. */
  overruns?: boolean;
  prompt?: string | undefined;
}

/** Input tokens to reserve for a prompt. */
export const reservedInput = (
  reservation: Pick<ReservationRequest, "counted" | "schema" | "ratio">,
): number => Math.ceil((reservation.counted + reservation.schema) * reservation.ratio);

/**
 * A reply is cut off where our own count (bytes / 3) of it passes this: honest text has up to 7.5 bytes a token, so that
 * above it the server ignores `max_tokens`.
 */
const OVERRUN_FACTOR = 2.5;
const OVERRUN_TOKENS = 128;
export const overrunLimit = (maxTokens: number): number =>
  Math.ceil(maxTokens * OVERRUN_FACTOR) + OVERRUN_TOKENS;

/** Output tokens to reserve: after one overrun, what a reply may have when it is cut off. */
const reservedOutput = (maxTokens: number, overruns: boolean | undefined): number =>
  overruns ? overrunLimit(maxTokens) : maxTokens;
const outputWithin = (tokens: number, overruns: boolean | undefined): number =>
  overruns ? Math.floor((tokens - OVERRUN_TOKENS) / OVERRUN_FACTOR) : tokens;

/** In millionths of a dollar: a price of exactly the money there is must not be refused for a rounded last digit. */
const ROUNDING = 1e-6;

/** Output tokens that `money` can buy behind the prompt of `ask`, at most what it wants and what the context holds. */
export function affordableTokens(
  reservation: Pick<
    ReservationRequest,
    "counted" | "schema" | "ratio" | "price" | "maxTokens" | "context" | "overruns"
  >,
  money: Money,
) {
  const input = reservedInput(reservation);
  const dearest = Math.max(reservation.price.output, reservation.price.reasoning ?? 0);
  const behind = money.usd * 1e6 - input * reservation.price.input + ROUNDING;
  const byUsd = dearest > 0 ? Math.floor(behind / dearest) : behind >= 0 ? Number.POSITIVE_INFINITY : 0;
  return Math.max(
    0,
    Math.min(
      reservation.maxTokens,
      outputWithin(Math.min(money.tokens - input, byUsd), reservation.overruns),
      reservation.context - input,
    ),
  );
}

/**
 * The money of one node run: a lone node's is what is left of the budget, a speaker's is its share. Nothing here
 * looks at a sibling, so what a call may use is a function of checkpointed state and of its own node run.
 */
export class NodeBudget {
  readonly calls: Call[] = [];

  constructor(
    readonly allowance: Money,
    private readonly record: (call: Call) => void = () => {},
  ) {}

  get left(): Money {
    return subtract(this.allowance, spent(this.calls));
  }

  /** Reserves a call or throws OutOfBudget; `maxTokens` of the result is what the model may say. */
  open(reservation: ReservationRequest): Call {
    const money = subtract(this.left, reservation.reserved);
    const maxTokens = affordableTokens(reservation, money);
    const input = reservedInput(reservation);
    if (maxTokens < reservation.minTokens) {
      if (reservation.context - input < reservation.minTokens)
        throw new ContextOverflow(
          `the prompt of ${reservation.node} (about ${input} tokens) does not fit ${reservation.model} (${reservation.context} tokens)`,
        );
      const account = money.tokens - input < reservation.minTokens ? "tokens" : "usd";
      throw new OutOfBudget(
        account,
        `${reservation.node} needs about ${input + reservation.minTokens} tokens, and the budget does not hold them`,
      );
    }
    const output = reservedOutput(maxTokens, reservation.overruns);
    const call: Call = {
      id: randomUUID(),
      task: reservation.task,
      node: reservation.node,
      expert: reservation.expert,
      step: reservation.step,
      model: reservation.model,
      endpoint: reservation.endpoint,
      counted: reservation.counted,
      schema: reservation.schema,
      reserved: {
        tokens: input + output,
        usd: worstCost({ input, output }, reservation.price),
      },
      maxTokens,
      status: "open",
      input: 0,
      output: 0,
      reasoning: 0,
      cached: 0,
      usd: 0,
      estimated: false,
      overrun: false,
      replayed: false,
      ms: 0,
      ...(reservation.prompt !== undefined && { prompt: reservation.prompt }),
    };
    this.calls.push(call);
    this.record(call);
    return call;
  }

  /** Closes a call with what is now known of it. */
  close(call: Call, outcome: Partial<Call> & Pick<Call, "status">): Call {
    const closed = { ...call, ...outcome };
    this.calls[this.calls.findIndex(({ id }) => id === call.id)] = closed;
    this.record(closed);
    return closed;
  }
}

/** Calls of a killed process were never settled: they count at their reservation and are reported as `unknown`. */
export const markUnsettled = (calls: readonly Call[]): Call[] =>
  calls.map((call) => (call.status === "open" ? { ...call, status: "unknown" } : call));

/** Of the calls that were `tried`, those that the state does not know: their step was killed or broke off. */
export function lostCalls(tried: readonly Call[], known: readonly Call[]): Call[] {
  const ids = new Set(known.map(({ id }) => id));
  return markUnsettled(tried.filter(({ id }) => !ids.has(id)));
}

/** What a node run may use: its share of a fan-out, else what is left of the budget; less what an earlier try lost. */
export const allowance = (
  budget: Money,
  share: Money | null,
  known: readonly Call[],
  lost: readonly Call[],
): Money => subtract(share ?? subtract(budget, spent(known)), spent(lost));
