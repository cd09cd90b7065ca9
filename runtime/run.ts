import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { z } from "zod";
import * as ceo from "../graphs/ceo.ts";
import * as solo from "../graphs/solo.ts";
import * as team from "../graphs/team.ts";
import * as vote from "../graphs/vote.ts";
import type { CallEvent } from "../models/call-context.ts";
import { Journal } from "../models/journal.ts";
import { lostCalls } from "../models/ledger.ts";
import { boardroomHome } from "../paths.ts";
import { keptOut } from "../secrets.ts";
import { runVersions } from "../state/hashes.ts";
import { type Mode, modes, type Result, resultOf } from "../state/result.ts";
import { Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import { Task } from "../state/state.ts";
import { FileCheckpointer, NoThread, newThreadId, threadFolder } from "./threads.ts";

const builders = { ceo: ceo.builder, team: team.builder, vote: vote.builder, solo: solo.builder };

/** What a node wrote, as it happens, and what goes on inside one. */
export type RunEvent = { type: "update"; node: string; update: Partial<State> } | CallEvent;

export interface RunOptions {
  mode: Mode;
  task: Task;
  settings?: Partial<Settings>;
  thread?: string;
  signal?: AbortSignal;
  callbacks?: BaseCallbackHandler[];
  onEvent?: (event: RunEvent) => void;
}

/** What a thread's folder keeps of how it was asked, so that it can be resumed. */
const Asked = z.object({ mode: z.enum(modes), task: Task, settings: Settings.partial() });
export type Asked = z.infer<typeof Asked>;

const saver = () => new FileCheckpointer(join(boardroomHome(), "threads"));
const compiled = (mode: Mode) => builders[mode].compile({ name: mode, checkpointer: saver() });
const askedFile = (thread: string) => join(threadFolder(thread), "run.json");

/** Reads how a thread was asked. Throws NoThread. */
export function askedOf(thread: string): Asked {
  const file = askedFile(thread);
  if (!existsSync(file))
    throw new NoThread(`there is no thread ${thread} under ${join(boardroomHome(), "threads")}.`);
  return Asked.parse(JSON.parse(readFileSync(file, "utf8")));
}

function remember(thread: string, asked: Asked): void {
  mkdirSync(threadFolder(thread), { recursive: true });
  const file = askedFile(thread);
  writeFileSync(`${file}.part`, JSON.stringify(asked, null, 2));
  renameSync(`${file}.part`, file);
}

/**
 * Runs a task on a thread of its own, or goes on with one that was broken off. Whatever ends a run early (an endpoint
 * that fails, an abort) is told in `error` of the result; the thread can be resumed. Throws only what is the caller's
 * mistake: PromptError, BudgetTooSmall, CatalogError, NoThread.
 */
export async function runTask(options: RunOptions): Promise<Result> {
  const thread = options.thread ?? newThreadId();
  const { mode } = options;
  const settings = keptOut(options.settings ?? {}, "a setting");
  const task = Task.parse(keptOut(options.task, "the task"));
  if (existsSync(askedFile(thread)) && !isDeepStrictEqual(askedOf(thread).task, task))
    throw new NoThread(`thread ${thread} holds another question: resume it, or take another thread.`);
  remember(thread, { mode, task, settings });
  return go(thread, { mode, task, settings }, options);
}

/** Goes on with a thread; `settings` are changes to the ones it began with. A finished thread gives its result again. */
export async function resumeTask(
  thread: string,
  { settings = {}, ...options }: Omit<RunOptions, "mode" | "task" | "thread">,
): Promise<Result> {
  const asked = askedOf(thread);
  const changed = { ...asked, settings: { ...asked.settings, ...keptOut(settings, "a setting") } };
  remember(thread, changed);
  return go(thread, changed, options);
}

async function go(
  thread: string,
  { mode, task, settings: given }: Asked,
  { signal, callbacks, onEvent }: Pick<RunOptions, "signal" | "callbacks" | "onEvent">,
): Promise<Result> {
  const graph = compiled(mode);
  const settings = Settings.parse(given);
  const config = { configurable: { thread_id: thread }, ...(callbacks && { callbacks }) };
  const before = await graph.getState(config);
  const begun = before.values.run != null || before.next.length > 0;
  const finished = begun && before.next.length === 0;
  let error: unknown;
  if (!finished)
    try {
      const stream = await graph.stream(begun ? null : { task }, {
        ...config,
        context: settings,
        streamMode: ["updates", "custom"],
        durability: "sync",
        recursionLimit: 500,
        runName: mode,
        metadata: { boardroom_thread: thread, boardroom_mode: mode, ...runVersions(settings) },
        ...(signal && { signal }),
      });
      for await (const [kind, event] of stream as AsyncIterable<["updates" | "custom", never]>) {
        if (kind === "custom") onEvent?.(event as CallEvent);
        else
          for (const [node, update] of Object.entries(event))
            onEvent?.({ type: "update", node, update: plain(update) });
      }
    } catch (cause) {
      if (isCallersMistake(cause)) throw cause;
      error = cause;
    }
  const { values, tasks } = await graph.getState(config);
  const state = values as State;
  const run = state.run?.id ?? tasks[0]?.id ?? "";
  const pending = new Set(tasks.map(({ id }) => id));
  const tried = Journal.of(thread, run)
    .all()
    .filter(({ task: made }) => pending.has(made));
  const lost = lostCalls(tried, state.spend ?? []);
  Journal.close(thread, run);
  const context = { mode, thread, settings, lost };
  const blank = {
    spend: [],
    decisions: [],
    candidates: [],
    experts: [],
    answer: null,
    elapsed: 0,
    status: "running",
  };
  return resultOf({ ...blank, ...state } as State, {
    ...context,
    ...(error !== undefined && { error: signal?.aborted ? "the run was interrupted" : messageOf(error) }),
  });
}

const mistakes = new Set([
  "PromptError",
  "BudgetTooSmall",
  "CatalogError",
  "NoThread",
  "NoQuestion",
  "CassetteMiss",
]);

/** Whether an error is about what was asked, not about what happened. */
export const isCallersMistake = (error: unknown): boolean =>
  error instanceof Error && mistakes.has(error.name);

/** An update without LangGraph's wrapping of lists that overwrite. */
const plain = (update: unknown): Partial<State> =>
  Object.fromEntries(
    Object.entries((update as object | null) ?? {}).map(([key, value]) => [
      key,
      value !== null && typeof value === "object" && "__overwrite__" in value ? value.__overwrite__ : value,
    ]),
  );

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
