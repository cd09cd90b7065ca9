import { createHash } from "node:crypto";
import type { BaseMessage } from "@langchain/core/messages";
import { promptField, promptOf, type Settings } from "../graphs/settings.ts";
import type { Run, State, Task } from "../graphs/state.ts";
import { BudgetTooSmall, type Money } from "../models/ledger.ts";
import { reservation } from "../models/line.ts";
import { checkPrompt, promptNames } from "../prompts/index.ts";
import { speech } from "./brief.ts";
import type { Desk, Ready } from "./stage.ts";

/** A question that is asked anew: on a thread that is new, or has answered its last one. */
export interface Beginning {
  task: Task;
  run: Run;
  /** What the last question left behind, emptied. */
  blank: ReturnType<typeof blank>;
  /** Refuses, before the first call, prompts and budgets that cannot work. */
  check(state: Ready, desk: Desk): Promise<void>;
}

/** A request that is not a question, or a thread without one. */
export class NoQuestion extends Error {
  override name = "NoQuestion";
}

const blank = () => ({
  experts: [],
  decisions: [],
  transcript: [],
  candidates: [],
  next: null,
  spend: [],
  elapsed: 0,
  halted: null,
  status: "running" as const,
  answer: null,
});

const digest = (task: Task) => createHash("sha256").update(JSON.stringify(task)).digest("hex").slice(0, 16);

/** A run that works on `task`. */
export const runOf = (task: Task, id: string, defaultTokens = 0, message: string | null = null): Run => ({
  id,
  question: digest(task),
  message,
  defaultTokens,
});

/** Where a question is new, how its run begins; null where the run goes on. */
export function begin(state: State, id: string): Beginning | null {
  const { run, task, status } = state;
  const human = lastHuman(state.messages ?? []);
  const newTask = task !== undefined && digest(task) !== run?.question;
  const newMessage = human !== null && human.id !== run?.message;
  if (run && status === "running" && !newTask && !newMessage) return null;
  const asked = newMessage && !newTask && human ? { question: human.text } : task;
  if (!asked?.question.trim())
    throw new NoQuestion("there is no question: send { task: { question } } or a human message");
  return {
    task: asked,
    run: runOf(asked, id, 0, human?.id),
    blank: blank(),
    check: async (begun, desk) => {
      checkPrompts(desk.settings);
      await checkBudget(begun, desk);
    },
  };
}

function lastHuman(messages: readonly BaseMessage[]): { id: string; text: string } | null {
  const message = messages.findLast((one) => one.getType() === "human");
  return message?.text.trim() ? { id: message.id ?? message.text, text: message.text } : null;
}

export function checkPrompts(settings: Settings): void {
  for (const name of promptNames) checkPrompt(name, promptField(name) ? promptOf(settings, name) : undefined);
}

/** The shortest reply of a solver that is of any use, in tokens. */
export const SHORTEST = 128;
export const shortest = (settings: Settings): number => Math.min(SHORTEST, settings.maxTokensPerTurn);

/** What one short solve would reserve: the least that can lead to an answer. */
export async function shortSolve(state: Ready, desk: Desk): Promise<Money> {
  const line = await desk.line("solve");
  const { messages } = speech(state, desk.settings, line.model, "", "draft", null);
  return reservation(line, messages, shortest(desk.settings));
}

async function checkBudget(state: Ready, desk: Desk): Promise<void> {
  const least = await shortSolve({ ...state, experts: [], decisions: [] }, desk);
  if (desk.budget.tokens < least.tokens)
    throw new BudgetTooSmall(
      `a budget of ${desk.budget.tokens} tokens is below one short solve of this question: it takes at least ${least.tokens}.`,
    );
  if (desk.budget.usd < least.usd)
    throw new BudgetTooSmall(
      `a budget of $${desk.budget.usd} is below one short solve of this question: it takes at least $${(Math.ceil(least.usd * 1e6) / 1e6).toFixed(6)}.`,
    );
}
