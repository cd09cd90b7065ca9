import type { BaseMessage } from "@langchain/core/messages";
import { reservationFor } from "../models/call-context.ts";
import { BudgetTooSmall } from "../models/errors.ts";
import type { Money } from "../models/money.ts";
import { checkPrompt, promptNames } from "../prompts/index.ts";
import { promptField, promptOf, type Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import type { Task } from "../state/task.ts";
import { leadOf } from "./lead.ts";
import { minSolveTokens } from "./min-tokens.ts";
import { NoQuestion } from "./no-question.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { speakerPrompt } from "./prompt.ts";
import { questionHash } from "./question-hash.ts";

/** A question that is asked anew: on a thread that is new, or has answered its last one. */
interface NewRun {
  task: Task;
  /** Hash of the task, and id of the message that asked it. */
  question: string;
  message: string | null;
  /** Refuses, before the first call, prompts and budgets that cannot work. */
  check(state: RunningState, context: NodeContext): Promise<void>;
}

/** Where a question is new, how its run begins; null where the run goes on. */
export function newRun(state: State): NewRun | null {
  const { run, task, status } = state;
  const human = lastHuman(state.messages ?? []);
  const newTask = task !== undefined && questionHash(task) !== run?.question;
  const newMessage = human !== null && human.id !== run?.message;
  if (run && status === "running" && !newTask && !newMessage) return null;
  const chosen = newMessage && !newTask && human ? { question: human.text } : task;
  if (!chosen?.question.trim())
    throw new NoQuestion("there is no question: send { task: { question } } or a human message");
  return {
    task: chosen,
    question: questionHash(chosen),
    message: human?.id ?? null,
    check: async (begun, context) => {
      checkPrompts(context.settings);
      await checkBudget(begun, context);
    },
  };
}

function lastHuman(messages: readonly BaseMessage[]): { id: string; text: string } | null {
  const message = messages.findLast((one) => one.getType() === "human");
  return message?.text.trim() ? { id: message.id ?? message.text, text: message.text } : null;
}

function checkPrompts(settings: Settings): void {
  for (const name of promptNames) checkPrompt(name, promptField(name) ? promptOf(settings, name) : undefined);
}

/** What one short solve would reserve: the least that can lead to an answer. */
export async function minSolveCost(state: RunningState, context: NodeContext): Promise<Money> {
  const call = await context.callContext("solve", undefined, leadOf(state, context.settings));
  const { messages } = speakerPrompt(state, context.settings, call.model, "", "draft", null);
  return reservationFor(call, messages, minSolveTokens(context.settings));
}

async function checkBudget(state: RunningState, context: NodeContext): Promise<void> {
  const least = await minSolveCost({ ...state, experts: [], decisions: [] }, context);
  if (context.budget.tokens < least.tokens)
    throw new BudgetTooSmall(
      `a budget of ${context.budget.tokens} tokens is below one short solve of this question: it takes at least ${least.tokens}.`,
    );
  if (context.budget.usd < least.usd)
    throw new BudgetTooSmall(
      `a budget of $${context.budget.usd} is below one short solve of this question: it takes at least $${(Math.ceil(least.usd * 1e6) / 1e6).toFixed(6)}.`,
    );
}
