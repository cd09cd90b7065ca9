import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import ora from "ora";
import { benchmarkNamed, benchmarkNames } from "../datasets/benchmarks/index.ts";
import { AttemptRow, ResultRow, readRows, StepRow, tokensOf } from "../evals/records.ts";
import { reportHtml } from "../evals/report/report.ts";

import { Evaluation, filesOf } from "../evals/run.ts";
import { type Summary, summarize } from "../evals/summary.ts";
import { hashesOf } from "../graphs/hashes.ts";
import { type Mode, modes } from "../graphs/result.ts";
import type { Settings } from "../graphs/settings.ts";
import { openModel } from "../models/open.ts";
import { boardroomHome } from "../paths.ts";
import { keptOut } from "../secrets.ts";
import { UsageError } from "./fail.ts";
import { prepare, settingsFrom, withSettings } from "./options.ts";
import { Display, tokens } from "./progress.ts";
import { interruptible } from "./solve.ts";

const whole = (least: number) => (text: string) => {
  const number = Number(text.replace(/[,_]/g, ""));
  if (!Number.isInteger(number) || number < least)
    throw new InvalidArgumentError(`A whole number from ${least} up.`);
  return number;
};
const positive = (text: string) => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("A number above 0.");
  return number;
};
const modeList = (text: string): Mode[] =>
  text.split(",").map((word) => {
    const mode = modes.find((known) => known === word.trim());
    if (!mode) throw new InvalidArgumentError(`Modes are ${modes.join(", ")}.`);
    return mode;
  });

interface Flags extends Record<string, unknown> {
  data?: string;
  modes: Mode[];
  limit?: number;
  repeats: number;
  concurrency: number | "auto";
  out?: string;
  upload?: true;
  totalTokens?: number;
  totalUsd?: number;
  compare?: string[];
  json?: true;
}

export function addEval(program: Command): void {
  const command = program
    .command("eval")
    .description(
      "Compare modes on a benchmark at the same budget. Running it again with the same --out goes on.",
    )
    .argument("<benchmark>", benchmarkNames.join(", "))
    .option("--data <file>", "Rows with the fields of the public file, or langsmith:NAME[@tag].")
    .addOption(
      new Option("--modes <list>", "Modes to compare.")
        .argParser(modeList)
        .default([...modes], modes.join(",")),
    )
    .addOption(new Option("--limit <n>", "The first n items.").argParser(whole(1)))
    .addOption(
      new Option("--repeats <k>", "Rollouts of each item in each mode.").argParser(whole(1)).default(1),
    )
    .addOption(
      new Option("--concurrency <n>", "Requests at once, or auto: as many as the endpoint bears.")
        .argParser((text) => (text === "auto" ? text : whole(1)(text)))
        .default("auto"),
    )
    .option(
      "--out <dir>",
      "Where results go; default: a folder of the data folder, named by what is evaluated.",
    )
    .option("--upload", "Send examples, traces and scores to LangSmith, one experiment per mode.")
    .addOption(new Option("--total-tokens <n>", "For the whole evaluation.").argParser(whole(1)))
    .addOption(new Option("--total-usd <x>", "For the whole evaluation.").argParser(positive))
    .option(
      "--compare <dirs...>",
      "Folders of evaluations at other budgets, shown as points beside the curves.",
    )
    .option("--json", "Print summary.json on stdout.");
  withSettings(command).action(async (name: string, flags: Flags) => {
    process.exitCode = await evaluate(name, flags);
  });
}

async function evaluate(name: string, flags: Flags): Promise<number> {
  const benchmark = benchmarkNamed(name);
  if (!benchmark)
    throw new UsageError(`there is no benchmark ${name}: choose one of ${benchmarkNames.join(", ")}.`);
  if (flags.upload && !process.env.LANGSMITH_API_KEY)
    throw new UsageError("--upload needs LANGSMITH_API_KEY.");
  const display = new Display();
  const abort = interruptible(display);
  const given = settingsFrom(flags);
  const { loadDataset, runExperiments } = await import("../evals/experiment.ts");
  const remote = flags.data?.startsWith("langsmith:") ? flags.data.slice("langsmith:".length) : null;
  const loaded = remote
    ? await loadDataset(remote, flags.limit)
    : await benchmark.load({
        data: flags.data,
        limit: flags.limit,
        seed: given.seed ?? undefined,
        say: (line) => display.note(line),
        signal: abort.signal,
        onProgress: (progress) => display.fetching(progress),
      });
  const items = keptOut(loaded, "a row");
  const settings = await prepare(given, display, abort.signal);
  const { entry, endpoint, limiter } = await openModel(settings.model);
  if (flags.concurrency === "auto") limiter?.widen(AUTO_START);
  else limiter?.widen(flags.concurrency, flags.concurrency);
  const budget = settings.budgetTokens ?? entry.budgetTokens;
  const out = resolve(
    flags.out ?? join(boardroomHome(), "evals", `${name}-${entry.name.replace(/\W+/g, "-")}`),
  );
  refuseOthers(out, settings, entry.name);

  const board = new Scoreboard(flags.modes);
  const evaluation = new Evaluation({
    benchmark: name,
    items,
    modes: flags.modes,
    repeats: flags.repeats,
    settings: given,
    model: entry.name,
    out,
    totalTokens: flags.totalTokens,
    totalUsd: flags.totalUsd,
    signal: abort.signal,
    onResult: (row, done, of) => board.result(row, done, of),
    onError: ({ id, mode, error }) => board.note(`${id} (${mode}): ${error}`),
  });
  const { length } = evaluation.jobs;
  const all = items.length * flags.modes.length * flags.repeats;
  display.note(
    `${name}: ${items.length} items, modes ${flags.modes.join(", ")}, ${entry.name}, ${tokens(budget)} tokens each`,
  );
  display.note(
    length < all
      ? `${all - length} of ${all} rollouts are done already; results in ${out}`
      : `results in ${out}`,
  );
  try {
    await quietly(() =>
      runExperiments(evaluation, {
        benchmark: name,
        dataset: remote?.split("@")[0] ?? `boardroom-${name}`,
        items,
        modes: flags.modes,
        model: entry.name,
        concurrency: flags.concurrency === "auto" ? rolloutsFor(endpoint) : withSpare(flags.concurrency),
        budget,
        upload: flags.upload === true,
      }),
    );
  } finally {
    board.stop();
  }
  const written = {
    out,
    benchmark: name,
    origin: items[0]?.meta.origin ?? "file",
    planned: all,
    compare: flags.compare ?? [],
  };
  return finish(written, evaluation, flags.json === true, display);
}

/** Requests at once that an evaluation begins with where nobody said how many the endpoint bears. */
const AUTO_START = 32;

/** Rollouts at once: more than requests, so that the next is ready to be sent when a reply comes. */
const withSpare = (requests: number): number => 2 * requests;

/** llama.cpp answers four sequences at once; for an endpoint the limiter of models/ finds what it bears. */
const rolloutsFor = (endpoint: string): number => (endpoint === "llama.cpp" ? 4 : 128);

/** Results of other settings, prompts or models must not be mixed. */
function refuseOthers(out: string, settings: Settings, model: string): void {
  const { settingsHash, promptHash } = hashesOf(settings);
  const other = readRows(filesOf(out).results, ResultRow).find(
    (row) => row.settingsHash !== settingsHash || row.promptHash !== promptHash || row.model !== model,
  );
  if (!other) return;
  const what =
    other.model !== model
      ? `of ${other.model}`
      : other.promptHash !== promptHash
        ? "with other prompts"
        : "with other settings";
  throw new UsageError(`${out} holds results ${what}: choose another folder with --out.`);
}

/** langsmith prints where it is on stdout, which is for data. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log, error, warn } = console;
  const toStderr = (...words: unknown[]) => {
    const text = words.map(String).join(" ");
    if (/View results|Starting evaluation/.test(text)) process.stderr.write(`${text}\n`);
  };
  Object.assign(console, { log: toStderr, error: toStderr, warn: toStderr });
  try {
    return await work();
  } finally {
    Object.assign(console, { log, error, warn });
  }
}

interface Written {
  out: string;
  benchmark: string;
  origin: string;
  planned: number;
  compare: string[];
}

/** Writes summary.json and report.html from all rows of the folder. */
function write({ out, benchmark, origin, planned, compare }: Written): Summary {
  const files = filesOf(out);
  const results = readRows(files.results, ResultRow);
  const steps = readRows(files.steps, StepRow);
  const summary = summarize({
    benchmark,
    origin,
    planned,
    results,
    steps,
    attempts: readRows(files.attempts, AttemptRow),
    comparisons: compare.map((folder) => readRows(filesOf(resolve(folder)).results, ResultRow)),
  });
  writeFileSync(join(out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  writeFileSync(join(out, "report.html"), reportHtml(summary, results, steps));
  return summary;
}

const percent = (share: number) => (100 * share).toFixed(1);

function table({ modes: rows }: Summary): string {
  const head = [
    "mode",
    "score %",
    "95 %",
    "to solo",
    "tokens",
    "per solved",
    "p95 s",
    "unanswered",
    "errors",
  ];
  const cells = rows.map(
    ({ mode, score, toSolo, tokens: each, tokensPerSolved, seconds, unanswered, errors }) => [
      mode,
      percent(score.mean),
      `${percent(score.low)}-${percent(score.high)}`,
      toSolo ? `${toSolo.mean >= 0 ? "+" : ""}${percent(toSolo.mean)}` : "",
      tokens(each.mean),
      tokensPerSolved === null ? "-" : tokens(tokensPerSolved),
      seconds.p95.toFixed(1),
      String(unanswered),
      String(errors),
    ],
  );
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: string[]) =>
    parts.map((part, i) => (i === 0 ? part.padEnd(widths[i]!) : part.padStart(widths[i]!))).join("  ");
  return `${[head, ...cells].map(line).join("\n")}\n`;
}

function finish(written: Written, evaluation: Evaluation, json: boolean, display: Display): number {
  const summary = write(written);
  process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : table(summary));
  const { stopped, failed } = evaluation;
  for (const note of summary.notes) display.note(note);
  display.note(`report: ${join(written.out, "report.html")}`);
  if (stopped === "money")
    display.note(
      "stopped: the money for the whole evaluation is spent; a larger --total-tokens or --total-usd goes on",
    );
  if (stopped === "interrupted") display.note("stopped: the same command goes on");
  if (failed > 0)
    display.note(`${failed} rollouts broke off (attempts.jsonl says why); the same command tries them again`);
  return stopped === "interrupted" || failed > 0 ? 1 : 0;
}

/** Accuracy so far by mode, spend and time left, on one line. */
class Scoreboard {
  private readonly spinner = process.stderr.isTTY
    ? ora({ stream: process.stderr, discardStdin: false })
    : null;
  private readonly began = Date.now();
  private readonly scores: Map<Mode, number[]>;
  private spent = 0;
  private said = 0;

  constructor(names: Mode[]) {
    this.scores = new Map(names.map((mode) => [mode, []]));
    this.spinner?.start("0 done");
  }

  result(row: ResultRow, done: number, of: number): void {
    const { mode, score } = row;
    if (score !== null) this.scores.get(mode)?.push(score);
    this.spent += tokensOf(row);
    const left = ((Date.now() - this.began) / done) * (of - done);
    const means = [...this.scores].map(([name, all]) =>
      all.length > 0
        ? `${name} ${((100 * all.reduce((a, b) => a + b, 0)) / all.length).toFixed(0)}%`
        : `${name} -`,
    );
    const text = `${done}/${of} · ${means.join(" · ")} · ${tokens(this.spent)} tokens · ${clock(left)} left`;
    if (this.spinner) this.spinner.text = text;
    else if (done === of || Date.now() - this.said > 10_000) {
      this.said = Date.now();
      process.stderr.write(`${text}\n`);
    }
  }

  note(line: string): void {
    const flat = line.replace(/\s+/g, " ").slice(0, 200);
    if (this.spinner) this.spinner.stop();
    process.stderr.write(`${flat}\n`);
    this.spinner?.start();
  }

  stop(): void {
    this.spinner?.stop();
  }
}

const clock = (ms: number): string =>
  ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
