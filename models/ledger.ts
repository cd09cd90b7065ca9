import { randomUUID } from "node:crypto";
import { type Call, spent } from "./call.ts";
import { ContextOverflow, OutOfBudget } from "./errors.ts";
import { type Money, subtractMoney } from "./money.ts";
import { type Price, worstCost } from "./price.ts";

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

/** Output tokens that `money` can buy behind a prompt, at most what is wanted and what the context holds. */
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
    return subtractMoney(this.allowance, spent(this.calls));
  }

  /** Reserves a call or throws OutOfBudget; `maxTokens` of the result is what the model may say. */
  open(reservation: ReservationRequest): Call {
    const money = subtractMoney(this.left, reservation.reserved);
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

/** What a node run may use: its share of a fan-out, else what is left of the budget; less what an earlier try lost. */
export const allowance = (
  budget: Money,
  share: Money | null,
  known: readonly Call[],
  lost: readonly Call[],
): Money => subtractMoney(share ?? subtractMoney(budget, spent(known)), spent(lost));
