import { join } from "node:path";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import pLimit from "p-limit";
import type { Item } from "../../benchmarks/benchmark.ts";
import { withFolderLock } from "../../files/folder-lock.ts";
import { KeptReplies } from "../../models/kept-replies.ts";
import { makeFolder } from "../../paths.ts";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import type { Mode } from "../../state/run-info.ts";
import type { ModelNode, Settings } from "../../state/settings.ts";
import { appendRows, mendCutLine, readRows } from "../row-file.ts";
import { scoreAnswer } from "../scorers/index.ts";
import { type TrialArm, TrialRow } from "./trial-row.ts";

export interface TrialOptions {
  items: Item[];
  mode: Mode;
  /** What each arm runs with: they differ in the tried prompt alone. */
  settings: Record<TrialArm, Partial<Settings>>;
  /** Where the prompt is first used; null: in every call. */
  node: ModelNode | null;
  out: string;
  /** Rollouts at once. */
  concurrency: number;
  signal: AbortSignal;
  callbacks?: Callbacks;
  onRow?: (row: TrialRow) => void;
}

/**
 * Runs what is not done yet of a trial, all recordings before the arms that branch off them, and returns its rows. What
 * breaks a rollout off breaks the trial off; the replies that were paid are kept, and the next call goes on. Throws FolderInUse,
 * DamagedFile, WriteFailed, and whatever a rollout ended with.
 */
export async function runTrial(options: TrialOptions): Promise<TrialRow[]> {
  makeFolder(options.out);
  return withFolderLock(options.out, async () => {
    await runArms(options, ["recorded"]);
    await runArms(options, ["unchanged", "changed"]);
    return readRows(rowFile(options.out), TrialRow);
  });
}

export const rowFile = (out: string): string => join(out, "trial.jsonl");

async function runArms(options: TrialOptions, arms: readonly TrialArm[]): Promise<void> {
  const file = rowFile(options.out);
  mendCutLine(file);
  const done = new Set(readRows(file, TrialRow).map(({ id, arm }) => keyOf(id, arm)));
  // Read anew: a reply can be played back when it comes from the file.
  const replies = new KeptReplies(join(options.out, "replies.jsonl"));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const limit = pLimit(options.concurrency);
  const jobs = options.items.flatMap((item) => arms.map((arm) => ({ item, arm })));
  const rollouts = jobs
    .filter(({ item, arm }) => !done.has(keyOf(item.id, arm)))
    .map(({ item, arm }) =>
      limit(async () => {
        signal.throwIfAborted();
        const row = await rollout({ ...options, signal }, replies, item, arm);
        appendRows(file, [row]);
        if (arm !== "recorded") replies.done(keyOf(item.id, arm));
        options.onRow?.(row);
      }).catch((error) => {
        stop.abort(error);
        throw error;
      }),
    );
  try {
    await Promise.all(rollouts);
  } finally {
    await Promise.allSettled(rollouts);
    replies.close();
  }
}

const keyOf = (id: string, arm: TrialArm): string => JSON.stringify([id, arm]);

async function rollout(
  { mode, settings, node, signal, callbacks }: TrialOptions,
  replies: KeptReplies,
  item: Item,
  arm: TrialArm,
): Promise<TrialRow> {
  const kept = replies.run(keyOf(item.id, arm));
  if (arm !== "recorded") kept.branchOff(replies.run(keyOf(item.id, "recorded")), node);
  const outcome = await kept.around(() =>
    run({
      mode,
      task: item.task,
      settings: settings[arm],
      signal,
      callbacks,
      metadata: { boardroom_item: item.id, boardroom_trial: arm },
    }),
  );
  if (outcome.error !== undefined) throw outcome.error;
  const { answer, status, usage } = resultOfOutcome(outcome);
  const { score } = await scoreAnswer(item, answer, { signal });
  const tokens = usage.inputTokens + usage.outputTokens + usage.unknownTokens;
  return {
    ...{ version: 1, id: item.id, arm, score, answer, status, tokens },
    paidTokens: tokens - usage.unpaidTokens,
    spoke: outcome.state.spend.some((call) => node === null || call.node === node),
  };
}
