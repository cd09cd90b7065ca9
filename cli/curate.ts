import { basename, join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Client } from "langsmith";
import { benchmarkNamed, benchmarkNames } from "../datasets/benchmarks/index.ts";
import { type Guard, guard } from "../datasets/curate/benchmarks.ts";
import { consensusRules } from "../datasets/curate/consensus.ts";
import { curate } from "../datasets/curate/curate.ts";
import { Folder, inputsHash } from "../datasets/curate/folder.ts";
import { culprit, Funnel, funnelText } from "../datasets/curate/funnel.ts";
import { judgeOf } from "../datasets/curate/gold.ts";
import type { Manifest } from "../datasets/curate/manifest.ts";
import { passed } from "../datasets/curate/pass.ts";
import { type Filtered, filtered } from "../datasets/curate/pipeline.ts";
import { push, tagOf } from "../datasets/curate/push.ts";
import { type Project, projectsOf, type Query, runsOf } from "../datasets/curate/runs.ts";
import { CurateSettings } from "../datasets/curate/settings.ts";
import { openDataset } from "../datasets/curate/source.ts";
import type { Run } from "../datasets/curate/trace.ts";
import { tracesOf } from "../datasets/curate/traces.ts";
import type { Fetching } from "../datasets/fetch.ts";
import { boardroomHome } from "../paths.ts";
import { sandbox } from "../sandbox/pool.ts";
import { UsageError } from "./fail.ts";
import { Display } from "./progress.ts";
import { interruptible } from "./solve.ts";

const places = ["local", "cloud"] as const;
type Place = (typeof places)[number];

interface Flags {
  from: Place;
  project: string[];
  benchmark?: string;
  since?: string;
  data?: string;
  against?: string;
  m500?: string | true;
  out?: string;
  minScore: number;
  consensus: CurateSettings["consensus"];
  minTokens: number;
  maxTokens: number;
  perProblem: number;
  difficulty: [number, number];
  sample?: number;
  seed: number;
  push?: string;
  pushTo?: Place;
  tag?: string;
  json?: true;
}

const number =
  (least: number, most = Number.MAX_SAFE_INTEGER, whole = true) =>
  (text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text.replace(/[,_]/g, ""));
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `A ${whole ? "whole " : ""}number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "up"}.`,
      );
    return value;
  };

function band(text: string): [number, number] {
  const [low, high] = text.split("-").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (low === undefined || high === undefined || !(low >= 0 && low <= high && high <= 1))
    throw new InvalidArgumentError("Two shares, such as 0-0.75.");
  return [low, high];
}

/** An ISO date or time, or days or hours before now; as an ISO time. */
function since(text: string): string {
  const [, count, unit] = /^(\d+)([dh])$/.exec(text) ?? [];
  if (count)
    return new Date(Date.now() - Number(count) * (unit === "d" ? 86_400_000 : 3_600_000)).toISOString();
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("A date such as 2026-01-31, or 7d or 12h before now.");
  return time.toISOString();
}

export function addCurate(program: Command): void {
  const defaults = CurateSettings.parse({});
  program
    .command("curate")
    .description(
      "Make a dataset of traces: finished, right, agreed on, well formed, of fitting length, in no benchmark, and no two alike.",
    )
    .addOption(
      new Option("--from <place>", "Whose traces: the local store's or LangSmith's.")
        .choices([...places])
        .default("local"),
    )
    .option(
      "--project <name>",
      "Traces of this project alone; may be repeated. Default: all (cloud: LANGSMITH_PROJECT, else default).",
      (name, all: string[]) => [...all, name],
      [] as string[],
    )
    .addOption(new Option("--benchmark <name>", "Traces of this benchmark alone.").choices(benchmarkNames))
    .option("--since <time>", "Traces from then on: a date, or 7d, or 12h.", since)
    .option(
      "--data <file>",
      "Gold answers: the file that the traces were made from, in the fields of --benchmark (default own).",
    )
    .option(
      "--against <dir>",
      "Files of benchmarks, such as math500.jsonl, to keep out of the dataset; others are fetched.",
    )
    .option(
      "--m500 [file]",
      "Not traces, but M500: from the hub, or a .json, .jsonl or .parquet file. Its rows are kept as they are.",
    )
    .option("--out <dir>", "Where the dataset goes; default: a folder of the data folder.")
    .option(
      "--min-score <x>",
      "The least score that counts as right.",
      number(0, 1, false),
      defaults.minScore,
    )
    .addOption(
      new Option("--consensus <rule>", "How many experts must agree in the end.")
        .choices([...consensusRules])
        .default(defaults.consensus),
    )
    .option(
      "--min-tokens <n>",
      "Of a sample (a prompt with its reply), by Qwen2.5's tokenizer.",
      number(0),
      defaults.minTokens,
    )
    .option("--max-tokens <n>", "Of a sample.", number(1), defaults.maxTokens)
    .option("--per-problem <n>", "Rows of one problem, the best first.", number(1), defaults.perProblem)
    .option(
      "--difficulty <low-high>",
      "Pass rates of lone solvers to keep, where they are known.",
      band,
      defaults.difficulty,
    )
    .option("--sample <n>", "Draw so many rows, in proportion to benchmarks and lengths.", number(1))
    .option("--seed <n>", "Decides sample and split.", number(0), defaults.seed)
    .option("--push <name>", "Push the result as a dataset of this name.")
    .addOption(
      new Option("--push-to <place>", "Where it is pushed; default: where the traces are.").choices([
        ...places,
      ]),
    )
    .option("--tag <tag>", "Tag of the pushed version; default: sft-YYYYMMDD, by the last trace.")
    .option("--json", "Print the manifest on stdout.")
    .action(async (flags: Flags) => {
      try {
        await run(flags);
      } finally {
        await sandbox.close();
      }
    });
}

async function run(flags: Flags): Promise<void> {
  if (flags.minTokens > flags.maxTokens) throw new UsageError("--min-tokens is larger than --max-tokens.");
  if (flags.m500 && (flags.data || flags.benchmark || flags.since || flags.project.length > 0))
    throw new UsageError(
      "--m500 reads no traces: --project, --benchmark, --since and --data do not go with it.",
    );
  if (flags.tag && !flags.push) throw new UsageError("--tag needs --push NAME.");
  const pushTo = flags.pushTo ?? flags.from;
  const clients = new Clients();
  if (flags.push) await clients.at(pushTo);
  const display = new Display();
  const abort = interruptible(display);
  const fetching: Fetching = { signal: abort.signal, onProgress: (progress) => display.fetching(progress) };
  const settings = CurateSettings.parse({ ...flags, sample: flags.sample ?? null });
  const checks = await guard(flags.against, fetching);
  say(checks, display);

  const made = flags.m500
    ? await ofM500(flags, checks, fetching)
    : await ofTraces(flags, settings, checks, await clients.at(flags.from), fetching, abort.signal);
  const inputs = inputsHash([made.source, settings, checks.hash]);
  const out = resolve(flags.out ?? join(boardroomHome(), "curated", made.name));
  const folder = await Folder.open(out, inputs);
  const { checked, unchecked } = checks;
  const manifest = await curate({
    folder,
    settings,
    results: made.results,
    tries: made.tries,
    funnel: made.funnel,
    told: { inputs, source: made.source, benchmarks: { checked, unchecked } },
  });
  report(manifest, out, flags.json === true, display);
  if (manifest.kept === 0) {
    process.exitCode = 1;
    return;
  }
  if (flags.push) await pushed(flags.push, await clients.at(pushTo), out, manifest, flags, pushTo, display);
}

interface Made {
  name: string;
  source: Manifest["source"];
  results: AsyncIterable<Filtered>;
  tries: Map<string, { right: number; tries: number }>;
  funnel: Funnel;
}

const nowhere = { projects: [], benchmark: null, since: null, first: null, last: null };

async function ofM500({ m500, seed }: Flags, checks: Guard, fetching: Fetching): Promise<Made> {
  const dataset = await openDataset(m500 === true ? "m500" : m500!, { seed, ...fetching });
  if (dataset.kind !== "m500") throw new UsageError(`${m500} does not hold records of M500.`);
  const funnel = new Funnel();
  return {
    name: "m500",
    source: { kind: "m500", from: `${basename(dataset.file)} ${dataset.sha256.slice(0, 16)}`, ...nowhere },
    results: passed(dataset.rows(), checks, funnel),
    tries: new Map(),
    funnel,
  };
}

async function ofTraces(
  flags: Flags,
  settings: CurateSettings,
  checks: Guard,
  client: Client,
  fetching: Fetching,
  signal: AbortSignal,
): Promise<Made> {
  const { benchmark = null, data, from } = flags;
  const given = data ? await benchmarkNamed(benchmark ?? "own")!.load({ data }) : [];
  const query: Query = { projects: names(flags), since: flags.since ?? null };
  const projects = await projectsOf(client, query);
  const funnel = new Funnel();
  const tries = new Map();
  const runs = async function* (): AsyncGenerator<Filtered> {
    for (const project of projects) {
      const traces = tracesOf(runsIn(client, project, query), benchmark);
      const filtering = { settings, guard: checks, judge, tries, funnel, signal };
      for await (const result of filtered(traces, filtering)) {
        if (result.row) result.row.provenance.project = project.name;
        yield result;
      }
    }
  };
  const judge = judgeOf({ client, given, fetching });
  return {
    name: ["traces", from, benchmark, ...query.projects]
      .filter(Boolean)
      .join("-")
      .replace(/[^\w.-]+/g, "-"),
    source: {
      ...nowhere,
      kind: "traces",
      from: from === "local" ? "the local store" : "LangSmith",
      projects: projects.map(({ name }) => name),
      benchmark,
      since: query.since,
    },
    results: runs(),
    tries,
    funnel,
  };
}

const runsIn = (client: Client, project: Project, query: Query): AsyncIterable<Run> =>
  runsOf(client, project, query);

const names = ({ project, from }: Flags): string[] =>
  project.length > 0 || from === "local" ? project : [process.env.LANGSMITH_PROJECT ?? "default"];

/** What could not be checked is said before the work and again in the manifest. */
function say({ checked, unchecked }: Guard, display: Display): void {
  for (const { benchmark, items, whole } of checked)
    display.note(`checked against ${benchmark}: ${items} items${whole ? "" : ", which is a part of it"}`);
  for (const { benchmark, why } of unchecked) display.note(`NOT checked against ${benchmark}: ${why}`);
}

function report(manifest: Manifest, out: string, json: boolean, display: Display): void {
  const { funnel, read, kept, benchmarks, difficulty, rows } = manifest;
  const text = funnelText(funnel, read, kept);
  if (json) process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  else process.stdout.write(`${text}\n`);
  if (json) display.note(text);
  if (read === 0) display.note("there are no traces to curate.");
  const guilty = culprit(funnel, read, kept);
  if (guilty)
    display.note(
      `the yield is under 5 %: ${guilty.step} took the most, ${guilty.in - guilty.out} of ${guilty.in}`,
    );
  if (kept > 0) display.note(`${rows.train} rows to train on, ${rows.validation} for validation`);
  if (difficulty.unknown > 0 && manifest.source.kind === "traces")
    display.note(
      `how hard they are is not known of ${difficulty.unknown} rows: no lone solver tried their problems`,
    );
  if (benchmarks.unchecked.length > 0)
    display.note(`not checked against ${benchmarks.unchecked.map(({ benchmark }) => benchmark).join(", ")}`);
  display.note(`dataset: ${out}`);
}

async function pushed(
  name: string,
  client: Client,
  out: string,
  manifest: Manifest,
  { from, tag = tagOf(manifest) }: Flags,
  to: Place,
  display: Display,
): Promise<void> {
  const { rows } = await openDataset(out);
  const { created, changed, removed, unchanged } = await push(client, rows(), {
    name,
    tag,
    manifest,
    samePlace: from === to && manifest.source.kind === "traces",
  });
  const where = to === "local" ? "the local store" : "LangSmith";
  display.note(
    `${name} in ${where}, tag ${tag}: ${created} new, ${changed} changed, ${removed} removed, ${unchanged} as they were`,
  );
}

/** Clients of the places, made when they are first asked for. */
class Clients {
  private readonly made = new Map<Place, Client>();

  async at(place: Place): Promise<Client> {
    const made = this.made.get(place) ?? (place === "local" ? await local() : await cloud());
    this.made.set(place, made);
    return made;
  }
}

const local = async () => (await import("../tracing/local/client.ts")).localClient();

async function cloud(): Promise<Client> {
  if (!process.env.LANGSMITH_API_KEY) throw new UsageError("LangSmith's traces need LANGSMITH_API_KEY.");
  return new (await import("langsmith")).Client();
}
