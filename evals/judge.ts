import { HumanMessage } from "@langchain/core/messages";
import { z } from "zod";
import type { Item } from "../benchmarks/benchmark.ts";
import { spent } from "../models/call.ts";
import type { CallContext, CallOptions } from "../models/call-context.ts";
import { outputRoom } from "../models/catalog.ts";
import { generateObject } from "../models/generate-object.ts";
import { NodeBudget } from "../models/ledger.ts";
import { type Money, noMoney } from "../models/money.ts";
import { type OpenModel, openModel } from "../models/open.ts";
import type { OutputSchema } from "../models/structured.ts";
import { promptHash, promptText, render } from "../prompts/index.ts";
import { redact } from "../secrets.ts";
import type { VerdictRow } from "./records.ts";
import { type AnswerJudge, type Judgement, unscored } from "./scorers/score.ts";

const Verdict = z.object({ reasoning: z.string().default(""), score: z.boolean() });
const verdict: OutputSchema<z.infer<typeof Verdict>> = { name: "score", schema: Verdict };

const unlimited: Money = { tokens: Number.POSITIVE_INFINITY, usd: Number.POSITIVE_INFINITY };
const MAX_TOKENS = 400;
const MIN_TOKENS = 32;
const CALL_SECONDS = 300;

interface JudgeOptions {
  signal?: AbortSignal | undefined;
  /** Verdicts that are known already. */
  known?: readonly VerdictRow[];
  /** Is told each new verdict, and what it took: an account apart from those of rollouts and of the whole evaluation. */
  onVerdict?: ((row: VerdictRow) => void) | undefined;
}

/**
 * A model that says whether an answer means what the gold does (openevals' LLM as judge, through our own calls).
 * It is asked only when a user names it, and only where the deterministic scorer found no agreement.
 */
export class Judge implements AnswerJudge {
  private readonly known = new Map<string, Promise<Judgement>>();
  private readonly calls: NodeBudget["calls"] = [];
  private readonly promptHash = promptHash(promptText("judge"));

  private constructor(
    private readonly model: OpenModel,
    private readonly options: JudgeOptions,
  ) {
    for (const row of options.known ?? [])
      if (row.score !== null && row.model === this.name && row.promptHash === this.promptHash)
        this.known.set(keyOf(row.id, row.answer), Promise.resolve(judgementOf(row.score, row.detail)));
  }

  /** Throws a sentence where there is no such model. */
  static async open(name: string, options: JudgeOptions = {}): Promise<Judge> {
    return new Judge(await openModel(name), options);
  }

  get name(): string {
    return this.model.entry.name;
  }

  /** 1 or 0; unscored where the judge gives no usable reply. The same answer to the same item is judged once. */
  judge(item: Item, answer: string): Promise<Judgement> {
    const key = keyOf(item.id, answer);
    const found = this.known.get(key) ?? this.ask(item, answer);
    this.known.set(key, found);
    return found;
  }

  private async ask(item: Item, answer: string): Promise<Judgement> {
    const budget = new NodeBudget(unlimited);
    const judgement = await this.verdict(item, answer, budget);
    this.calls.push(...budget.calls);
    const { score, detail } = judgement;
    const { tokens, usd } = spent(budget.calls);
    this.options.onVerdict?.({
      ...{
        version: 1,
        id: item.id,
        answer,
        score,
        ...(detail !== undefined && { detail }),
        model: this.name,
      },
      ...{ promptHash: this.promptHash, calls: budget.calls.length, tokens, usd },
    });
    return judgement;
  }

  private async verdict({ task, gold, id }: Item, answer: string, budget: NodeBudget): Promise<Judgement> {
    const reference = gold.kind === "answer" ? gold.answer : "";
    const content = render("judge", { question: task.question, reference, answer }).body;
    // Loaded when it is wanted: it brings half a second of other imports.
    const { createLLMAsJudge } = await import("openevals");
    const evaluator = createLLMAsJudge({
      prompt: () => [{ role: "user", content }],
      model: this.name,
      judge: {
        chat: { completions: { create: () => this.complete(content, this.callContext(id, budget)) } },
      },
    });
    try {
      const { score, comment } = await evaluator({ outputs: answer });
      return judgementOf(Number(score), comment);
    } catch (error) {
      this.options.signal?.throwIfAborted();
      return unscored("judge", `the judge gave no verdict (${(error as Error).message})`);
    }
  }

  /** What openevals takes for the reply of OpenAI's client, made by our own way of getting structured output. */
  private async complete(content: string, context: CallContext) {
    const prompt = { name: "judge", hash: this.promptHash, parts: [0, 0, content.length] };
    const options: CallOptions = {
      maxTokens: outputRoom(this.model.entry, MAX_TOKENS),
      minTokens: MIN_TOKENS,
      prompt: prompt as CallOptions["prompt"],
    };
    const repair = (error: string) => render("repair", { error }).body;
    const { value } = await generateObject(context, [new HumanMessage(content)], options, verdict, repair);
    return { choices: [{ message: { role: "assistant" as const, content: JSON.stringify(value) } }] };
  }

  private callContext(id: string, budget: NodeBudget): CallContext {
    return {
      node: "judge",
      expert: null,
      step: 0,
      task: id,
      thread: `judge-${id}`,
      model: this.model,
      budget,
      reserved: noMoney,
      knownCalls: this.calls,
      temperature: 0,
      seed: null,
      headers: true,
      callSeconds: CALL_SECONDS,
      thinkingTokens: null,
      budgetForcingWaits: 0,
      answerNowPrompt: () => render("answer-now", {}).body,
      timeLeft: () => Number.POSITIVE_INFINITY,
      signal: this.options.signal,
      metadata: { boardroom_node: "judge" },
      emit: () => {},
    };
  }
}

const keyOf = (id: string, answer: string) => redact(JSON.stringify([id, answer]));

const judgementOf = (score: number, reason: string | undefined): Judgement => ({
  score,
  method: "judge",
  ...(reason && { detail: reason }),
});
