import { setMaxListeners } from "node:events";
import { join } from "node:path";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import pLimit from "p-limit";
import type { Item } from "../../benchmarks/benchmark.ts";
import { withFolderLock } from "../../files/folder-lock.ts";
import { SavedReplies } from "../../models/saved-replies.ts";
import { makeFolder } from "../../paths.ts";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import { hashesOf } from "../../state/hashes.ts";
import type { Mode } from "../../state/run-info.ts";
import { type ModelNode, Settings } from "../../state/settings.ts";
import { appendRows, readRows, repairLastLine } from "../row-file.ts";
import { scoreAnswer } from "../scorers/index.ts";
import { type TrialArm, TrialRow, trialArms } from "./trial-row.ts";

interface TrialOptions {
  items: Item[];
  mode: Mode;
  settings: Partial<Settings>;
  /** The tried prompt, by its field of the settings. */
  changed: Partial<Settings>;
  /** Where the prompt is first used; null: in every call. */
  node: ModelNode | null;
  out: string;
  /** Rollouts at once. */
  concurrency: number;
  signal: AbortSignal;
  callbacks?: Callbacks;
  onRow?: (row: TrialRow) => void;
}

/** How far apart the seeds of two arms are, where one is set: each is a sample of its own. */
const SEED_STEP = 300_007;

/** What an arm runs with, and the hashes that tell it from others. */
function armOf({ settings, changed }: TrialOptions, arm: TrialArm) {
  const own = arm === "changed" ? { ...settings, ...changed } : settings;
  const seed = own.seed == null ? {} : { seed: own.seed + trialArms.indexOf(arm) * SEED_STEP };
  return { settings: { ...own, ...seed }, hashes: hashesOf(Settings.parse(own)) };
}

/**
 * Runs what is not done yet of a trial, all recordings before the arms that branch off them, and returns its rows. Another
 * text of the same prompt, tried in the same folder, takes the recordings and the unchanged arm that are there. What breaks a
 * rollout off breaks the trial off; the replies that were paid are kept, and the next call goes on. Throws FolderInUse,
 * DamagedFile, WriteFailed, and whatever a rollout ended with.
 */
export async function runTrial(options: TrialOptions): Promise<TrialRow[]> {
  makeFolder(options.out);
  return withFolderLock(options.out, `The trial in ${options.out}`, async (lost) => {
    const signal = AbortSignal.any([options.signal, lost]);
    await runArms({ ...options, signal }, ["recorded"]);
    await runArms({ ...options, signal }, ["unchanged", "changed"]);
    return rowsOf(options);
  });
}

/** The rows of this trial: those of other texts, settings or items stand in the same file. */
function rowsOf(options: TrialOptions): TrialRow[] {
  const ids = new Set(options.items.map(({ id }) => id));
  return readRows(rowFile(options.out), TrialRow).filter((row) => {
    const { settingsHash, promptHash } = armOf(options, row.arm).hashes;
    return ids.has(row.id) && row.settingsHash === settingsHash && row.promptHash === promptHash;
  });
}

const rowFile = (out: string): string => join(out, "trial.jsonl");

async function runArms(options: TrialOptions, arms: readonly TrialArm[]): Promise<void> {
  const file = rowFile(options.out);
  repairLastLine(file);
  const done = new Set(rowsOf(options).map(({ id, arm }) => keyOf(options, id, arm)));
  // Read anew: a reply can be played back when it comes from the file.
  const replies = new SavedReplies(join(options.out, "replies.jsonl"));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const limit = pLimit(options.concurrency);
  const jobs = options.items.flatMap((item) => arms.map((arm) => ({ item, arm })));
  const rollouts = jobs
    .filter(({ item, arm }) => !done.has(keyOf(options, item.id, arm)))
    .map(({ item, arm }) =>
      limit(async () => {
        signal.throwIfAborted();
        const row = await rollout({ ...options, signal }, replies, item, arm);
        appendRows(file, [row]);
        if (arm !== "recorded") replies.done(keyOf(options, item.id, arm));
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

const keyOf = (options: TrialOptions, id: string, arm: TrialArm): string => {
  const { settingsHash, promptHash } = armOf(options, arm).hashes;
  return JSON.stringify([id, arm, settingsHash, promptHash]);
};

async function rollout(
  options: TrialOptions,
  replies: SavedReplies,
  item: Item,
  arm: TrialArm,
): Promise<TrialRow> {
  const { mode, node, signal, callbacks } = options;
  const { settings, hashes } = armOf(options, arm);
  const savedReplies = replies.run(keyOf(options, item.id, arm));
  if (arm !== "recorded") savedReplies.branchOff(replies.run(keyOf(options, item.id, "recorded")), node);
  const outcome = await savedReplies.around(() =>
    run({
      mode,
      task: item.task,
      settings,
      signal,
      callbacks,
      metadata: { boardroom_item: item.id, boardroom_trial: arm },
    }),
  );
  if (outcome.error !== undefined) throw outcome.error;
  const { answer, usage } = resultOfOutcome(outcome);
  const { score } = await scoreAnswer(item, answer, { signal });
  const tokens = usage.inputTokens + usage.outputTokens + usage.unknownTokens;
  return {
    ...{ version: 1, id: item.id, arm, ...hashes, score, answer, status: outcome.state.status, tokens },
    paidTokens: tokens - usage.unpaidTokens,
    spoke: outcome.state.spend.some((call) => node === null || call.node === node),
  };
}
