import type { Reply } from "./said.ts";
import { Shorthand } from "./shorthand.ts";

type Json = Record<string, unknown>;

/** Of a call of the ledger, what totals need. */
interface Call {
  id: string;
  status: string;
  input: number;
  output: number;
  usd: number;
  reserved: { tokens: number; usd: number };
}

/** Parts of the state that say nothing of the discussion, or stand elsewhere: the task at the root, spend in its totals. */
const leftOut = new Set(["task", "run", "spend", "elapsed", "messages"]);

/**
 * What a graph's root knows when it ends. Node outputs are read as they pass, so it is the same on any server; the first
 * node's input adds what a resumed run had spent before.
 */
export class Tally {
  /** Model calls seen, which is the number of llm runs of a whole trace. */
  calls = 0;
  /** Runs begun so far: tells runs that begin in the same millisecond apart. */
  order = 1;
  answer: unknown = null;
  status = "failed";
  private task: unknown;
  private readonly resumed: boolean;
  private readonly spend = new Map<string, Call>();
  private readonly experts = new Set<string>();
  private readonly last = new Map<string, string>();
  private readonly shorthand = new Shorthand();

  constructor(inputs: unknown) {
    const { task, messages } = (inputs ?? {}) as Json;
    this.task = task ?? questionOf(messages);
    this.resumed = this.task === undefined;
  }

  /** The inputs of the root; a resumed run learns its task from its first node. */
  get question(): Json {
    return this.task === undefined ? {} : { task: this.task };
  }

  /** Reads the state that a node is given; a branch of a fan-out is given only its speaker. */
  before(inputs: unknown): void {
    const { task, spend, run } = (inputs ?? {}) as { task?: unknown; spend?: Call[]; run?: unknown };
    if (!this.resumed || run === null || run === undefined) return;
    this.task ??= task;
    this.count(spend);
  }

  /** Reads what a node returns; gives what of it is new, abridged. The final answer stands at the root. */
  after(outputs: unknown, replies: readonly Reply[]): Json {
    if (outputs === null || typeof outputs !== "object") return {};
    const update = Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, plain(value)]));
    if (update.run) this.spend.clear(); // a new question begins
    this.count(update.spend as Call[] | undefined);
    if (typeof update.status === "string" && update.status !== "running") {
      this.status = update.status;
      this.answer = update.answer ?? null;
    }
    const changed: Json = {};
    for (const [key, value] of Object.entries(update)) {
      if (leftOut.has(key) || blank(value) || value === "running") continue;
      const text = JSON.stringify(value);
      if (this.last.get(key) === text) continue;
      this.last.set(key, text);
      changed[key] = value;
    }
    if (changed.status) delete changed.answer;
    for (const { expert, abstained } of (update.transcript ?? []) as Json[])
      if (abstained === null) this.experts.add(String(expert));
    return this.shorthand.shortened(changed, replies.at(-1));
  }

  totals(): Json {
    const calls = [...this.spend.values()];
    const settled = calls.filter(({ status }) => status === "settled");
    const sum = (of: readonly Call[], part: (call: Call) => number) =>
      of.reduce((total, call) => total + part(call), 0);
    const input = sum(settled, (call) => call.input);
    const output = sum(settled, (call) => call.output);
    const unknown = calls.filter(({ status }) => status === "open" || status === "unknown");
    const unknownTokens = sum(unknown, ({ reserved }) => reserved.tokens);
    return {
      boardroom_status: this.status,
      boardroom_tokens: input + output,
      boardroom_input_tokens: input,
      boardroom_output_tokens: output,
      ...(unknownTokens > 0 && { boardroom_unknown_tokens: unknownTokens }),
      boardroom_usd: sum(settled, ({ usd }) => usd) + sum(unknown, ({ reserved }) => reserved.usd),
      boardroom_agents: this.experts.size,
      boardroom_calls: this.calls,
      ...(this.resumed && { boardroom_resumed: true }),
    };
  }

  private count(calls: readonly Call[] = []): void {
    for (const call of calls) this.spend.set(call.id, call);
  }
}

/** LangGraph wraps a list that replaces the old one. */
const plain = (value: unknown): unknown => {
  if (value === null || typeof value !== "object") return value;
  if ("__overwrite__" in value) return value.__overwrite__;
  return value;
};

const blank = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** The last human message is the question of a run that was asked in messages. */
function questionOf(messages: unknown): { question: string } | undefined {
  if (!Array.isArray(messages)) return undefined;
  const asked = messages.findLast((message) => roleOf(message) === "human" || roleOf(message) === "user");
  const { content } = (asked ?? {}) as { content?: unknown };
  return typeof content === "string" ? { question: content } : undefined;
}

const roleOf = (message: { type?: unknown; role?: unknown; getType?: () => string }): unknown =>
  message?.getType?.() ?? message?.role ?? message?.type;
