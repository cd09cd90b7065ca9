import { basename, join, resolve } from "node:path";
import type { Client } from "langsmith";
import type { FetchOptions } from "../../benchmarks/fetch.ts";
import { benchmarkNamed } from "../../benchmarks/index.ts";
import { type Guard, guard } from "../../datasets/curate/benchmarks.ts";
import { curate } from "../../datasets/curate/curate.ts";
import { filteredProjects } from "../../datasets/curate/filtered-projects.ts";
import { flagOverlaps } from "../../datasets/curate/flag-overlaps.ts";
import { Folder, inputsHash } from "../../datasets/curate/folder.ts";
import { Funnel, funnelText, largestLoss } from "../../datasets/curate/funnel.ts";
import { judgeOf } from "../../datasets/curate/gold.ts";
import type { Manifest } from "../../datasets/curate/manifest.ts";
import type { Filtered } from "../../datasets/curate/pipeline.ts";
import { push, tagOf } from "../../datasets/curate/push.ts";
import { projectsOf, type Query } from "../../datasets/curate/runs.ts";
import { CurateSettings } from "../../datasets/curate/settings.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import { boardroomHome } from "../../paths.ts";
import { sandbox } from "../../sandbox/pool.ts";
import { UsageError } from "../fail.ts";
import { Display } from "../progress.ts";
import { abortOnInterrupt } from "../solve.ts";
import { writeStdout } from "../terminal.ts";
import type { Flags, Place } from "./flags.ts";

/** Curates, and closes the sandbox that checked the code. */
export async function runCurate(flags: Flags): Promise<void> {
  try {
    await run(flags);
  } finally {
    await sandbox.close();
  }
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
  if (!flags.m500) await clients.at(flags.from);
  const display = new Display();
  const abort = abortOnInterrupt(display);
  const fetching: FetchOptions = {
    signal: abort.signal,
    onProgress: (progress) => display.fetching(progress),
  };
  const settings = CurateSettings.parse({ ...flags, sample: flags.sample ?? null });
  const checks = await guard(flags.against, fetching);
  say(checks, display);

  const work = { settings, checks, fetching, signal: abort.signal, onProgress: nowAndThen(display) };
  const made = flags.m500
    ? await ofM500(flags, work)
    : await ofTraces(flags, await clients.at(flags.from), work);
  const inputs = inputsHash([made.asked, settings, flags.data, flags.against]);
  const out = resolve(flags.out ?? join(boardroomHome(), "curated", made.name));
  const folder = await Folder.open(out, inputs);
  const { checked, unchecked } = checks;
  const manifest = await curate({
    folder,
    settings,
    results: made.results,
    tries: made.tries,
    funnel: made.funnel,
    origin: { inputs, source: made.source, benchmarks: { checked, unchecked } },
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
  /** What makes another dataset of it. */
  asked: unknown;
  source: Manifest["source"];
  results: AsyncIterable<Filtered>;
  tries: Map<string, { right: number; tries: number }>;
  funnel: Funnel;
}

interface Work {
  settings: CurateSettings;
  checks: Guard;
  fetching: FetchOptions;
  signal: AbortSignal;
  /** How far it has come. */
  onProgress(line: string): void;
}

const EVERY_MS = 10_000;

/** Says how far a long work has come, every ten seconds. */
function nowAndThen(display: Display): (line: string) => void {
  let last = Date.now();
  return (line) => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    display.note(line);
  };
}

const nowhere = { projects: [], benchmark: null, since: null, first: null, last: null };

async function ofM500({ m500, seed }: Flags, { checks, fetching }: Work): Promise<Made> {
  const dataset = await openDataset(m500 === true ? "m500" : m500!, { seed, ...fetching });
  if (dataset.kind !== "m500") throw new UsageError(`${m500} does not hold records of M500.`);
  const funnel = new Funnel();
  return {
    name: "m500",
    asked: ["m500", dataset.sha256],
    source: { kind: "m500", from: `${basename(dataset.file)} ${dataset.sha256.slice(0, 16)}`, ...nowhere },
    results: flagOverlaps(dataset.rows(), checks, funnel),
    tries: new Map(),
    funnel,
  };
}

async function ofTraces(
  flags: Flags,
  client: Client,
  { settings, checks, fetching, signal, onProgress }: Work,
): Promise<Made> {
  const { benchmark = null, data, from } = flags;
  const given = data ? await benchmarkNamed(benchmark ?? "own")!.load({ data }) : [];
  const query: Query = { projects: names(flags), since: flags.since?.time ?? null };
  const projects = await projectsOf(client, query);
  const funnel = new Funnel();
  const tries = new Map();
  const judge = judgeOf({ client, given, fetching });
  const filtering = { settings, guard: checks, judge, tries, funnel, signal };
  const results = async function* (): AsyncGenerator<Filtered> {
    for await (const result of filteredProjects({ client, projects, query, benchmark }, filtering)) {
      onProgress(`${funnel.read} traces read, ${funnel.read - funnel.rejected} of them kept so far`);
      yield result;
    }
  };
  return {
    name: ["traces", from, benchmark, ...query.projects]
      .filter(Boolean)
      .join("-")
      .replace(/[^\w.-]+/g, "-"),
    asked: ["traces", from, query.projects, benchmark, flags.since?.text],
    source: {
      ...nowhere,
      kind: "traces",
      from: from === "local" ? "the local store" : "LangSmith",
      projects: projects.map(({ name }) => name),
      benchmark,
      since: query.since,
    },
    results: results(),
    tries,
    funnel,
  };
}

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
  if (json) writeStdout(`${JSON.stringify(manifest, null, 2)}\n`);
  else writeStdout(`${text}\n`);
  if (json) display.note(text);
  if (read === 0) display.note("there are no traces to curate.");
  const guilty = largestLoss(funnel, read, kept);
  if (guilty)
    display.note(
      `the yield is under 5 %: ${guilty.step} took the most, ${guilty.in - guilty.out} of ${guilty.in}`,
    );
  if (kept > 0)
    display.note(
      `${rows.train} ${rows.train === 1 ? "row" : "rows"} to train on, ${rows.validation} for validation`,
    );
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

const local = async () => (await import("../../tracing/local/client.ts")).localClient();

async function cloud(): Promise<Client> {
  if (!process.env.LANGSMITH_API_KEY) throw new UsageError("LangSmith's traces need LANGSMITH_API_KEY.");
  return (await import("../../tracing/cloud.ts")).cloudClient();
}
