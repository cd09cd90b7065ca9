import { randomUUID } from "node:crypto";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { graph as ceo } from "../graphs/ceo.ts";
import { graph as solo } from "../graphs/solo.ts";
import { graph as team } from "../graphs/team.ts";
import { graph as vote } from "../graphs/vote.ts";
import { Journal } from "../models/journal.ts";
import { markUnsettled } from "../models/ledger.ts";
import { yieldToEventLoop } from "../models/yield-to-event-loop.ts";
import { keptOut } from "../secrets.ts";
import { runVersions } from "../state/hashes.ts";
import { type Mode, type Result, resultOf } from "../state/result.ts";
import { Settings } from "../state/settings.ts";
import type { State, Task } from "../state/state.ts";

const graphs = { ceo, team, vote, solo };

/** The state after one superstep, and who worked in it. */
export interface Step {
  step: number;
  node: string;
  /** Who spoke; null where nobody or several did. */
  expert: string | null;
  state: State;
}

export interface Rollout {
  result: Result;
  state: State;
  /** What broke the run off, if something did. */
  error?: unknown;
}

export interface RolloutOptions {
  mode: Mode;
  task: Task;
  settings?: Partial<Settings>;
  signal?: AbortSignal;
  callbacks?: Callbacks;
  metadata?: Record<string, unknown>;
  onStep?: (step: Step) => void;
}

const blank = {
  spend: [],
  decisions: [],
  candidates: [],
  transcript: [],
  experts: [],
  answer: null,
  elapsed: 0,
  status: "running",
} as unknown as State;

/** Runs a task once in memory, with no thread to resume: for evaluations and for making data, many at a time. */
export async function rollout(options: RolloutOptions): Promise<Rollout> {
  const { mode, signal, callbacks, metadata, onStep } = options;
  const task = keptOut(options.task, "the task");
  const settings = Settings.parse(keptOut(options.settings ?? {}, "a setting"));
  const run = randomUUID();
  let state = blank;
  let step = 0;
  let worked: [node: string, expert: string | null][] = [];
  let failure: { error: unknown } | undefined;
  try {
    const stream = await graphs[mode].stream(
      { task },
      {
        context: settings,
        streamMode: ["updates", "values"],
        runName: mode,
        metadata: { ...metadata, boardroom_mode: mode, boardroom_run: run, ...runVersions(settings) },
        callbacks: callbacks ?? [],
        ...(signal && { signal }),
      },
    );
    for await (const [kind, event] of stream as AsyncIterable<["updates" | "values", never]>) {
      if (kind === "updates") {
        for (const [node, update] of Object.entries<Partial<State>>(event))
          worked.push([node, update?.transcript?.[0]?.expert ?? null]);
        continue;
      }
      state = { ...blank, ...(event as State) };
      if (worked.length > 0)
        onStep?.({
          step: ++step,
          node: worked[0]![0],
          expert: worked.length === 1 ? worked[0]![1] : null,
          state,
        });
      worked = [];
      // Many rollouts share the process: between supersteps the others' requests go out.
      await yieldToEventLoop();
    }
  } catch (error) {
    failure = { error };
  }
  const known = new Set(state.spend.map(({ id }) => id));
  const lost = markUnsettled(Journal.of(undefined, run).all()).filter(({ id }) => !known.has(id));
  Journal.close(undefined, run);
  const error = failure && { error: (failure.error as Error)?.message ?? String(failure.error) };
  return { result: resultOf(state, { mode, thread: run, settings, lost, ...error }), state, ...failure };
}
