import { basename, join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Benchmark, Item } from "../benchmarks/benchmark.ts";
import type { EvalOptions } from "../evals/eval-options.ts";
import { type Evaluation, withEvaluation } from "../evals/evaluation.ts";
import { filesOf } from "../evals/files.ts";
import { Judge } from "../evals/judge.ts";
import { VerdictRow } from "../evals/records.ts";
import { appendRows, readRows } from "../evals/row-file.ts";
import { runAll } from "../evals/run-all.ts";
import { formatInteger } from "../evals/summary/format.ts";
import { openModel } from "../models/open.ts";
import { assertPriced } from "../models/priced.ts";
import { shareUntracedRun } from "../nodes/langgraph-internals.ts";
import { boardroomHome } from "../paths.ts";
import { redact } from "../secrets.ts";
import { mayPause, modelsOf, type Settings } from "../state/settings.ts";
import { openTracing, type Tracing } from "../tracing/index.ts";
import { captureConsole } from "./capture-console.ts";
import { UsageError } from "./fail.ts";
import { prepare, traceFrom } from "./options.ts";
import { Display } from "./progress.ts";
import type { RolloutFlags } from "./rollout-flags.ts";
import { Scoreboard } from "./scoreboard.ts";
import { abortOnInterrupt } from "./solve.ts";
import { writeStderr } from "./terminal.ts";

/** What is to be done, beside the flags. */
interface RolloutPlan {
  /** The folder of the data folder that results go to by default. */
  folder: string;
  benchmark: Benchmark;
  repeats: number;
  settings: Partial<Settings>;
}

/** What has been done, told while nobody else may work in the folder. */
interface FinishedRollouts {
  out: string;
  items: Item[];
  planned: number;
  display: Display;
}

/**
 * Does what is not done yet of the rollouts that a command line asks for, and keeps them; Ctrl-C ends it cleanly.
 * `conclude` shows what came of it. Returns the exit code.
 */
export async function runRollouts(
  work: RolloutPlan,
  flags: RolloutFlags,
  conclude: (done: FinishedRollouts) => void,
): Promise<number> {
  if (flags.upload && !process.env.LANGSMITH_API_KEY)
    throw new UsageError("--upload needs LANGSMITH_API_KEY.");
  const display = new Display();
  const abort = abortOnInterrupt(display);
  const tracing = await openTracing(flags.upload ? "cloud" : traceFrom(flags), (line) => display.note(line));
  if (flags.upload && !tracing.answers)
    throw new UsageError("--upload needs LangSmith, and it does not answer.");
  try {
    return await traced(work, flags, { display, signal: abort.signal, tracing, conclude });
  } finally {
    await tracing.end();
  }
}

interface Place {
  display: Display;
  signal: AbortSignal;
  tracing: Tracing;
  conclude: (done: FinishedRollouts) => void;
}

async function traced(work: RolloutPlan, flags: RolloutFlags, place: Place): Promise<number> {
  const { display, signal, tracing, conclude } = place;
  const { name } = work.benchmark;
  const items = await itemsOf(work, flags, display, signal);
  const settings = await prepare(work.settings, display, signal);
  if (mayPause(settings)) throw new UsageError("nobody is asked in many rollouts: leave pauses out.");
  if (flags.totalUsd !== undefined) await assertPriced(modelsOf(settings), "--total-usd", "--total-tokens");
  const { entry, endpoint, limiter } = await openModel(settings.model);
  if (flags.concurrency === "auto") limiter?.widen(AUTO_START);
  else limiter?.widen(flags.concurrency, flags.concurrency);
  const standard = [name, ...fileOf(name, flags.data), entry.name].join("-").replace(/[^\w.]+/g, "-");
  const out = resolve(flags.out ?? join(boardroomHome(), work.folder, standard));
  const models = await Promise.all([...modelsOf(settings)].map((model) => openModel(model)));
  const board = new Scoreboard(flags.modes, models);
  const options: EvalOptions = {
    ...{ benchmark: name, items, modes: flags.modes, repeats: work.repeats, settings: work.settings },
    ...{ model: entry.name, out, signal, totalTokens: flags.totalTokens, totalUsd: flags.totalUsd },
    judge: flags.judge === undefined ? undefined : await openJudge(flags.judge, out, signal),
    onResult: (row, done, of) => board.result(row, done, of),
    onError: ({ id, mode, error }) => board.note(`${id} (${mode}): ${error}`),
  };
  const planned = items.length * flags.modes.length * work.repeats;
  collectSooner(tracing.mode !== "off");
  shareUntracedRun();
  return withEvaluation(options, async (evaluation) => {
    const budget = settings.budgetTokens ?? entry.budgetTokens;
    display.note(
      `${name}: ${items.length} items, modes ${flags.modes.join(", ")}, ${entry.name}, ${formatInteger(budget)} tokens each`,
    );
    const done = planned - evaluation.jobs.length;
    const known = done > 0 ? `${done} of ${planned} rollouts are done already; ` : "";
    display.note(`${known}results in ${out}`);
    const concurrency = flags.concurrency === "auto" ? rolloutsFor(endpoint) : withSpare(flags.concurrency);
    const dataset =
      remoteName(flags.data)?.split("@")[0] ?? ["boardroom", name, ...fileOf(name, flags.data)].join("-");
    board.start();
    try {
      const { client, answers, callbacks, below } = tracing;
      if (client && answers) {
        const { runExperiments } = await import("../evals/experiment.ts");
        const experiment = { benchmark: name, dataset, items, model: entry.name, concurrency, client, below };
        await captureConsole(() => runExperiments(evaluation, experiment), resultsPlace(tracing));
      } else await runAll(evaluation, { concurrency, callbacks });
    } finally {
      board.stop();
    }
    const code = reportEnd(evaluation, display);
    // On a full disk there is no room for a report either.
    if (evaluation.stopped !== "disk") conclude({ out, items, planned, display });
    return code;
  });
}

/**
 * V8 lets the heap grow to several times what is in use before it collects: with 64 rollouts at once 60 to 70 MB live, and the
 * process held 380 to 490. Here it collects when as much again is in use, and a little sooner where traces are held too.
 */
const collectSooner = (traced: boolean): void =>
  setFlagsFromString(`--heap-growing-percent=${traced ? 70 : 100}`);

/** Says how it ended and what can be done about it; the exit code. */
function reportEnd({ stopped, failed, lastFailure, resultCount }: Evaluation, display: Display): number {
  if (stopped === "disk")
    display.note(
      `stopped: ${lastFailure} ${resultCount} rollouts are kept; where there is room again the same command goes on`,
    );
  if (stopped === "endpoint")
    display.note(`stopped: ten rollouts in a row got no reply; the last one: ${lastFailure}`);
  if (stopped === "money")
    display.note(
      "stopped: the money for the whole evaluation is spent; a larger --total-tokens or --total-usd goes on",
    );
  if (stopped === "interrupted") display.note("stopped: the same command goes on");
  if (failed > 0)
    display.note(`${failed} rollouts broke off (attempts.jsonl says why); the same command tries them again`);
  return stopped === "interrupted" || stopped === "disk" || failed > 0 ? 1 : 0;
}

const remoteName = (data: string | undefined): string | null =>
  data?.startsWith("langsmith:") ? data.slice("langsmith:".length) : null;

async function itemsOf(
  { benchmark, settings }: RolloutPlan,
  { data, limit }: RolloutFlags,
  display: Display,
  signal: AbortSignal,
): Promise<Item[]> {
  const remote = remoteName(data);
  if (remote !== null) {
    const { loadDataset } = await import("../evals/load-dataset.ts");
    return distinct(await loadDataset(remote, limit));
  }
  const items = await benchmark.load({
    data,
    limit,
    seed: settings.seed ?? undefined,
    say: (line) => display.note(line),
    signal,
    onProgress: (progress) => display.fetching(progress),
  });
  return distinct(items);
}

/** Results are kept by id, which holds no key; ids that were keys have become the same. Throws UsageError. */
function distinct(given: Item[]): Item[] {
  const items = given.map((item) => ({ ...item, id: redact(item.id) }));
  const met = new Set<string>();
  for (const { id } of items) {
    if (met.has(id))
      throw new UsageError(`two rows have the id ${id}: results are kept by id, give each its own.`);
    met.add(id);
  }
  return items;
}

/** The judge that was named, with what it said before in this folder. */
function openJudge(name: string, out: string, signal: AbortSignal): Promise<Judge> {
  const file = filesOf(out).judge;
  return Judge.open(name, {
    signal,
    known: readRows(file, VerdictRow),
    onVerdict: (row) => appendRows(file, [row]),
  });
}

/** Requests at once that rollouts begin with where nobody said how many the endpoint bears. */
const AUTO_START = 32;

/** Rollouts at once: more than requests, so that the next is ready to be sent when a reply comes. */
const withSpare = (requests: number): number => 2 * requests;

/** llama.cpp answers four sequences at once; for an endpoint the limiter of models/ finds what it bears. */
const rolloutsFor = (endpoint: string): number => (endpoint === "llama.cpp" ? 4 : 128);

/** Problems of one's own go by the name of their file. */
const fileOf = (name: string, data: string | undefined): string[] =>
  name === "own" && data !== undefined ? [basename(remoteName(data) ?? data).replace(/\.[^@]*$/, "")] : [];

/** Where an experiment is to be viewed, once; in the local store there is no page to view. */
const resultsPlace = ({ mode }: Tracing) => {
  const shownOnce = new Set<string>();
  return (text: string) => {
    if (mode === "local" || shownOnce.has(text) || !/View results|Starting evaluation/.test(text)) return;
    shownOnce.add(text);
    writeStderr(`${text}\n`);
  };
};
