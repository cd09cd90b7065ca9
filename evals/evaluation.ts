import { setMaxListeners } from "node:events";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { uuidOf } from "../benchmarks/uuid.ts";
import { WriteFailed } from "../files/file-errors.ts";
import { withFolderLock } from "../files/folder-lock.ts";
import { type Call, markUnsettled } from "../models/call.ts";
import { addMoney, type Money, noMoney, subtractMoney } from "../models/money.ts";
import { SavedReplies, type SavedRunReplies } from "../models/saved-replies.ts";
import { makeFolder } from "../paths.ts";
import { isCallerError } from "../runtime/caller-error.ts";
import { errorMessage, run } from "../runtime/run.ts";
import { resultOfOutcome } from "../runtime/solve.ts";
import type { Result } from "../state/result.ts";
import { Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import { usageOf } from "../state/totals.ts";
import type { EvalOptions } from "./eval-options.ts";
import { EvaluationBudget } from "./evaluation-budget.ts";
import { filesOf } from "./files.ts";
import { hashesFor } from "./hashes.ts";
import { type Job, keyOfJob, pendingJobs } from "./jobs.ts";
import { AttemptRow, keyOf, moneyOf, ResultRow, type RolloutKey } from "./records.ts";
import { refuseMixedResults } from "./refuse-mixed-results.ts";
import { appendRows, readRows, repairLastLine } from "./row-file.ts";
import { scoreRollout } from "./score-rollout.ts";
import { scoreAnswer } from "./scorers/index.ts";

/** Why an evaluation ended before all its rollouts were done: `disk` is a write that failed. */
type StopReason = "interrupted" | "money" | "endpoint" | "disk" | null;

/** How a rollout ended: with its row, or broken off, or not begun at all. */
type RolloutResult = { row: ResultRow } | { error: Error; begun: boolean };

/** Rollouts in a row without any reply after which an evaluation ends. */
const UNANSWERED = 10;

/** Whether no call of a run ever got a reply: what it ended with says nothing of the model. */
const neverAnswered = (calls: readonly Call[]): boolean =>
  !calls.some(({ status, overrun }) => status === "settled" || overrun);

/**
 * Works on an evaluation while nobody else does in its folder. Throws FolderInUse; DamagedFile where an earlier one's rows
 * cannot be read, DataError where they are of another evaluation.
 */
export async function withEvaluation<T>(
  options: EvalOptions,
  work: (evaluation: Evaluation) => Promise<T>,
): Promise<T> {
  const { out } = options;
  makeFolder(out);
  return withFolderLock(out, `The folder ${out}`, async (lost) => {
    const evaluation = new Evaluation({ ...options, signal: AbortSignal.any([options.signal, lost]) });
    try {
      return await work(evaluation);
    } finally {
      evaluation.close();
    }
  });
}

/**
 * The heart of an evaluation: does one rollout, scores it, and appends its rows. A rollout that breaks off gets a row in
 * attempts.jsonl and is done again by the next run of the same command, with the replies that it was paid; results are
 * written once, whole.
 */
export class Evaluation {
  readonly settings: Settings;
  readonly jobs: Job[];
  stopped: StopReason = null;
  failed = 0;
  /** Why the last rollout broke off, or which write failed. */
  lastFailure = "";
  /** Results that the folder holds. */
  resultCount: number;
  private readonly hashes: ReturnType<typeof hashesFor>;
  private readonly files: ReturnType<typeof filesOf>;
  private readonly money: EvaluationBudget;
  private readonly replies: SavedReplies;
  private readonly ending = new AbortController();
  private readonly signal: AbortSignal;
  private done = 0;
  /** Rollouts that ended one after the other without any reply. */
  private unanswered = 0;

  constructor(private readonly options: EvalOptions) {
    const { out, items, modes, repeats, totalTokens, totalUsd } = options;
    this.settings = Settings.parse(options.settings);
    this.hashes = hashesFor(this.settings, options.judge?.name);
    this.signal = AbortSignal.any([options.signal, this.ending.signal]);
    setMaxListeners(0, this.signal); // each rollout listens to it
    this.files = filesOf(out);
    const { results, steps, attempts, judge } = this.files;
    for (const file of [results, steps, attempts, judge]) repairLastLine(file);
    const rows = readRows(results, ResultRow);
    refuseMixedResults(out, rows, items, { model: options.model, ...this.hashes });
    const done = new Set(rows.map(keyOf));
    this.resultCount = rows.length;
    this.jobs = pendingJobs({ items, modes, repeats }, done);
    this.replies = new SavedReplies(this.files.replies, (error) => this.breakOff(error));
    this.recordKilled(done);
    this.money = new EvaluationBudget(
      { tokens: totalTokens ?? Number.POSITIVE_INFINITY, usd: totalUsd ?? Number.POSITIVE_INFINITY },
      [...rows, ...readRows(attempts, AttemptRow)].map(moneyOf).reduce(addMoney, noMoney),
    );
  }

  /** What tries paid before their process was killed becomes a row of attempts.jsonl, so that it stays in the account. */
  private recordKilled(done: ReadonlySet<string>): void {
    for (const { run, calls } of this.replies.unfinished()) {
      const [id, mode, repeat, settingsHash] = JSON.parse(run);
      const isDone = done.has(keyOf({ id, mode, repeat }));
      if (calls.length > 0 && !isDone)
        this.writeAttempt({ id, mode, repeat }, usageOf(markUnsettled(calls), 0), "the process was killed");
      if (isDone || settingsHash !== this.hashes.settingsHash) this.replies.done(run);
      else this.replies.accounted(run);
    }
  }

  /** What goes by other settings is not played back. */
  private replyKey(key: RolloutKey): string {
    return JSON.stringify([key.id, key.mode, key.repeat, this.hashes.settingsHash]);
  }

  /** Whether nothing more is to be begun. */
  get isOver(): boolean {
    return this.stopped !== null || this.signal.aborted;
  }

  /** Scores one answer of each kind before the clock runs: parsers load and the sandbox starts once, for a second. */
  async warmUp(): Promise<void> {
    const byKind = new Map(this.jobs.map(({ item }) => [item.task.kind, item]));
    for (const item of byKind.values()) await scoreAnswer(item, "0", { signal: this.signal });
  }

  /**
   * One rollout with its rows, for which `worst` is put aside. What breaks it off is kept and told; throws only what should
   * not happen. `callbacks` nest its trace in an experiment's.
   */
  async rollout(job: Job, worst: Money, callbacks?: Callbacks): Promise<RolloutResult> {
    const replies = this.replies.run(this.replyKey(keyOfJob(job)));
    const held = subtractMoney(worst, replies.paid);
    if (this.isOver || !(await this.money.hold(held, this.signal)) || this.isOver) return this.notBegun();
    try {
      const { error, result, state } = await this.runJob(job, replies, held, callbacks);
      if (error === null) return { row: await this.writeResult(job, result, state) };
      this.recordFailure(job, error, result.usage, state.spend);
      return { error, begun: true };
    } catch (thrown) {
      const error = asError(thrown);
      if (error instanceof WriteFailed) this.breakOff(error);
      if (this.signal.aborted) {
        this.stopped ??= "interrupted";
        return { error, begun: true };
      }
      if (!isCallerError(error)) {
        this.ending.abort(error);
        throw error;
      }
      this.unanswered++;
      this.recordFailure(job, error, usageOf([], 0), []);
      return { error, begun: true };
    }
  }

  private notBegun(): RolloutResult {
    this.stopped ??= this.signal.aborted ? "interrupted" : "money";
    return { error: new Error(whyNotBegun[this.stopped]), begun: false };
  }

  private async runJob(job: Job, replies: SavedRunReplies, held: Money, callbacks: Callbacks | undefined) {
    const { item, mode, repeat } = job;
    const { settings, signal, options } = this;
    const seed = settings.seed === null ? null : settings.seed + repeat * 100_003;
    let paid = noMoney;
    try {
      const outcome = await replies.around(() =>
        run({
          // The same in every try, as of a run that is resumed: gateways and traces go by it.
          runId: uuidOf("boardroom", options.out, keyOf(keyOfJob(job))),
          mode,
          task: item.task,
          settings: { ...settings, seed },
          signal,
          callbacks,
          metadata: {
            boardroom_benchmark: options.benchmark,
            boardroom_item: item.id,
            boardroom_repeat: repeat,
          },
        }),
      );
      const { state } = outcome;
      const result = resultOfOutcome(outcome);
      paid = moneyOf(result);
      const unanswered = neverAnswered(state.spend) && result.answer === null;
      this.unanswered = unanswered ? this.unanswered + 1 : 0;
      const error = outcome.error ?? (unanswered ? whyUnanswered(state) : null);
      return { error: error === null ? null : asError(error), result, state };
    } finally {
      this.money.settle(held, paid);
    }
  }

  private async writeResult(job: Job, result: Result, state: State): Promise<ResultRow> {
    const { options, hashes, signal, files } = this;
    const key = { version: 1 as const, ...keyOfJob(job), benchmark: options.benchmark };
    const known = { ...key, model: options.model, ...hashes };
    const { row, steps } = await scoreRollout(job.item, known, result, state, {
      judge: options.judge,
      signal,
    });
    // Steps first: a result row says that everything of its rollout is there.
    this.append(files.steps, steps);
    this.append(files.results, [row]);
    this.resultCount++;
    this.replies.done(this.replyKey(row));
    this.done++;
    options.onResult?.(row, this.done, this.jobs.length);
    return row;
  }

  private recordFailure(job: Job, error: Error, usage: Result["usage"], spend: readonly Call[]): void {
    const key = keyOfJob(job);
    if (this.stopped === "disk") return;
    if (this.signal.aborted) this.stopped = "interrupted";
    else this.failed++;
    this.lastFailure = error.message;
    if (this.unanswered >= UNANSWERED) this.stopped ??= "endpoint";
    const row = this.writeAttempt(key, usage, error.message);
    // Nothing new was asked, and it broke off all the same: the next try is to ask anew.
    if (spend.length > 0 && spend.every(({ replayed }) => replayed)) this.replies.done(this.replyKey(key));
    else this.replies.accounted(this.replyKey(key));
    if (!this.signal.aborted) this.options.onError?.(row);
  }

  private writeAttempt(key: RolloutKey, usage: Result["usage"], error: string): AttemptRow {
    const { benchmark } = this.options;
    const row: AttemptRow = {
      ...{ version: 1, ...key, benchmark, error, usage },
      time: new Date().toISOString(),
    };
    this.append(this.files.attempts, [row]);
    return row;
  }

  /** After a write that failed nothing more is written: what comes then is not told as kept. */
  private append(file: string, rows: readonly object[]): void {
    if (this.stopped === "disk") throw new WriteFailed(this.lastFailure);
    appendRows(file, rows);
  }

  /** The first write that fails ends everything, at once: what is paid after it would be lost. */
  private breakOff(error: unknown): void {
    if (this.stopped === "disk") return;
    this.stopped = "disk";
    this.lastFailure = errorMessage(error);
    this.ending.abort(error);
  }

  /** When all has ended, replies that nobody will need go. */
  close(): void {
    if (this.stopped !== "disk") this.replies.close();
  }
}

const whyNotBegun = {
  money: "the money for the whole is spent",
  endpoint: "the endpoint answers nobody",
  interrupted: "interrupted",
  disk: "a write failed",
};

/** What the speakers of a run that got no reply were told. */
const whyUnanswered = ({ transcript }: State): string =>
  transcript.findLast(({ error }) => error)?.error ?? "no request was sent, or none was answered";

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
