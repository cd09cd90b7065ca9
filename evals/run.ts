import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { Item } from "../benchmarks/benchmark.ts";
import { EndpointError } from "../models/errors.ts";
import { type Call, spent } from "../models/ledger.ts";
import { makeFolder } from "../paths.ts";
import { promptHash } from "../prompts/index.ts";
import { run } from "../runtime/run.ts";
import { resultOfOutcome } from "../runtime/solve.ts";
import { redactJson } from "../secrets.ts";
import { bestOf } from "../state/best-candidate.ts";
import type { Candidate } from "../state/candidate.ts";
import { hashesOf } from "../state/hashes.ts";
import { historyOf } from "../state/history.ts";
import { recordOf } from "../state/record.ts";
import type { Result } from "../state/result.ts";
import type { Mode } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import { AttemptRow, keyOf, ResultRow, readRows, type StepRow, tokensOf } from "./records.ts";
import { scoreAnswer } from "./scorers/index.ts";
import type { AnswerJudge } from "./scorers/score.ts";

/** One rollout to be done: an item in a mode, for the nth time. */
export interface Job {
  item: Item;
  mode: Mode;
  repeat: number;
}

export interface EvalOptions {
  benchmark: string;
  items: Item[];
  modes: Mode[];
  repeats: number;
  settings: Partial<Settings>;
  /** The name of the main model, as rows show it. */
  model: string;
  out: string;
  /** Is asked where no rule finds an answer right; its spend is in no budget. */
  judge?: (AnswerJudge & { name: string }) | undefined;
  /** For the whole evaluation, what earlier runs of it spent included. */
  totalTokens?: number | undefined;
  totalUsd?: number | undefined;
  signal: AbortSignal;
  onResult?: (row: ResultRow, done: number, of: number) => void;
  onError?: (row: AttemptRow) => void;
}

export const filesOf = (out: string) => ({
  results: join(out, "results.jsonl"),
  steps: join(out, "steps.jsonl"),
  attempts: join(out, "attempts.jsonl"),
  judge: join(out, "judge.jsonl"),
});

/** Results that a judge had a part in are not comparable with others. */
export function hashesFor(settings: Settings, judge: string | undefined): ReturnType<typeof hashesOf> {
  const hashes = hashesOf(settings);
  return judge === undefined
    ? hashes
    : { ...hashes, settingsHash: promptHash(`${hashes.settingsHash}\0${judge}`) };
}

/** The rollouts of an evaluation that have no result yet, in the order of items, so that modes are compared early. */
export function pending(options: Pick<EvalOptions, "items" | "modes" | "repeats" | "out">): Job[] {
  const done = new Set(readRows(filesOf(options.out).results, ResultRow).map(keyOf));
  const jobs = Array.from({ length: options.repeats }, (_, repeat) =>
    options.items.flatMap((item) => options.modes.map((mode) => ({ item, mode, repeat }))),
  ).flat();
  return jobs.filter(({ item, mode, repeat }) => !done.has(keyOf({ id: item.id, mode, repeat })));
}

/** Why an evaluation ended before all its rollouts were done. */
export type Stopped = "interrupted" | "money" | "endpoint" | null;

/** Rollouts in a row without any reply after which an evaluation ends. */
const UNANSWERED = 10;

/** Whether no call of a run ever got a reply: what it ended with says nothing of the model. */
const neverAnswered = (calls: readonly Call[]): boolean =>
  !calls.some(({ status, overrun }) => status === "settled" || overrun);

/**
 * The heart of an evaluation: does one rollout, scores it, and appends its rows. A rollout that breaks off gets a row in
 * attempts.jsonl and is done again by the next run of the same command; results are written once, whole.
 */
export class Evaluation {
  readonly settings: Settings;
  private readonly hashes: ReturnType<typeof hashesOf>;
  private readonly account: { tokens: number; usd: number };
  private held = 0;
  private readonly waiting: (() => void)[] = [];
  private done = 0;
  readonly jobs: Job[];
  stopped: Stopped = null;
  failed = 0;
  /** Rollouts that ended one after the other without any reply, and why the last did. */
  private unanswered = 0;
  lastFailure = "";

  constructor(private readonly options: EvalOptions) {
    this.settings = Settings.parse(options.settings);
    this.hashes = hashesFor(this.settings, options.judge?.name);
    makeFolder(options.out);
    this.jobs = pending(options);
    const files = filesOf(options.out);
    for (const file of Object.values(files)) closeCutLine(file);
    const rows = [...readRows(files.results, ResultRow), ...readRows(files.attempts, AttemptRow)];
    this.account = rows.reduce(
      (sum, row) => ({ tokens: sum.tokens + tokensOf(row), usd: sum.usd + row.usage.usd }),
      { tokens: 0, usd: 0 },
    );
  }

  /** Whether nothing more is to be begun. */
  get over(): boolean {
    return this.stopped !== null || this.options.signal.aborted;
  }

  /** Scores one answer of each kind before the clock runs: parsers load and the sandbox starts once, for a second. */
  async warmUp(): Promise<void> {
    const byKind = new Map(this.jobs.map(({ item }) => [item.task.kind, item]));
    for (const item of byKind.values()) await scoreAnswer(item, "0", { signal: this.options.signal });
  }

  /** Money for one more rollout at its full budget is put aside; false where the whole evaluation has none left. */
  private reserve(budget: number): boolean {
    const { totalTokens, totalUsd } = this.options;
    const short = totalTokens !== undefined && this.account.tokens + this.held + budget > totalTokens;
    if (short || (totalUsd !== undefined && this.account.usd >= totalUsd)) return false;
    this.held += budget;
    return true;
  }

  /** Waits while only rollouts in flight hold the money; false where none is left, or the evaluation has been stopped. */
  private async funded(budget: number): Promise<boolean> {
    while (!this.over) {
      if (this.reserve(budget)) return true;
      if (this.held === 0) {
        this.stopped = "money";
        break;
      }
      await new Promise<void>((go) => this.waiting.push(go));
    }
    return false;
  }

  private release(budget: number): void {
    this.held -= budget;
    for (const go of this.waiting.splice(0)) go();
  }

  /** One rollout with its rows; throws what broke it off. `callbacks` nest its trace in an experiment's. */
  async rollout(job: Job, budget: number, callbacks?: Callbacks): Promise<ResultRow | null> {
    const { options, settings } = this;
    if (!(await this.funded(budget))) return null;
    const { item, mode, repeat } = job;
    const seed = settings.seed === null ? null : settings.seed + repeat * 100_003;
    const outcome = await run({
      mode,
      task: item.task,
      settings: { ...settings, seed },
      signal: options.signal,
      callbacks,
      metadata: { boardroom_benchmark: options.benchmark, boardroom_item: item.id, boardroom_repeat: repeat },
    });
    const result = resultOfOutcome(outcome);
    this.account.tokens += tokensOf(result);
    this.account.usd += result.usage.usd;
    this.release(budget);
    const { state } = outcome;
    const unanswered = neverAnswered(state.spend) && result.answer === null;
    this.unanswered = unanswered ? this.unanswered + 1 : 0;
    if (outcome.error === undefined && !unanswered) return this.keep(job, result, state);
    const error = outcome.error ?? new EndpointError(whyUnanswered(state));
    this.fail(job, { ...result, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }

  private fail({ item, mode, repeat }: Job, { usage, error = "" }: Result): void {
    const { options } = this;
    if (options.signal.aborted) this.stopped = "interrupted";
    else this.failed++;
    this.lastFailure = error;
    if (this.unanswered >= UNANSWERED) this.stopped ??= "endpoint";
    const row = {
      id: item.id,
      benchmark: options.benchmark,
      mode,
      repeat,
      error,
      usage,
      time: new Date().toISOString(),
    };
    appendRow(filesOf(options.out).attempts, row);
    if (!options.signal.aborted) options.onError?.(row);
  }

  private async keep({ item, mode, repeat }: Job, result: Result, state: State): Promise<ResultRow> {
    const { options } = this;
    const scores = new Map<string | null, Awaited<ReturnType<typeof scoreAnswer>>>();
    const score = async (answer: string | null) => {
      const known = scores.get(answer) ?? (await scoreAnswer(item, answer, options));
      scores.set(answer, known);
      return known;
    };
    const { score: points, method, detail, deterministic } = await score(result.answer);
    const key = { id: item.id, benchmark: options.benchmark, mode, repeat };
    const row: ResultRow = {
      ...key,
      score: points,
      answer: result.answer,
      // A rollout has no thread to wait on: it never pauses.
      status: result.status === "paused" ? state.status : result.status,
      usage: result.usage,
      ...(detail !== undefined && points === null && { error: detail }),
      model: options.model,
      ...this.hashes,
      method,
      ...(deterministic && { deterministic, judged: detail }),
      budget: result.budget,
      ...(item.task.choices && { gold: item.gold.kind === "answer" ? item.gold.answer : null }),
      record: recordOf(state),
    };
    const rows: StepRow[] = [];
    for (const [index, { step: superstep, node, expert, state: after }] of historyOf(state).entries()) {
      const choice = bestOf(after);
      const answer = choice?.candidate.answer ?? null;
      const { tokens, usd } = spent(after.spend);
      rows.push({
        ...key,
        step: index + 1,
        superstep,
        node,
        expert,
        answer,
        score: answer === null ? 0 : (await score(answer)).score,
        verdict: verdictOf(choice?.candidate.verdict),
        tokens,
        usd,
      });
    }
    // Steps first: a result row says that everything of its rollout is there.
    appendRow(filesOf(options.out).steps, ...rows);
    appendRow(filesOf(options.out).results, row);
    this.done++;
    options.onResult?.(row, this.done, this.jobs.length);
    return row;
  }
}

/** What the speakers of a run that got no reply were told. */
const whyUnanswered = ({ transcript }: State): string =>
  transcript.findLast(({ error }) => error)?.error ?? "no request was sent, or none was answered";

const verdictOf = (verdict: Candidate["verdict"] | undefined): boolean | null =>
  verdict && !verdict.unusable ? verdict.accepted : null;

/** A kill may leave a line cut: what is appended then must not become part of it. */
function closeCutLine(file: string): void {
  if (existsSync(file) && !readFileSync(file, "utf8").endsWith("\n")) appendFileSync(file, "\n");
}

/** In one write, without keys; of lines that a kill cut, readers take no notice. */
export function appendRow(file: string, ...rows: object[]): void {
  if (rows.length === 0) return;
  appendFileSync(file, rows.map((row) => `${JSON.stringify(redactJson(row))}\n`).join(""));
}
