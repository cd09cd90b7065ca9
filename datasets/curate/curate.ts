import { rm, stat } from "node:fs/promises";
import { wilson } from "../../evals/stats/wilson.ts";
import {
  type CandidateRow,
  candidateRowOf,
  countTried,
  rejectByComparison,
  rejectBySampling,
} from "./candidate-row.ts";
import { cardOf } from "./card.ts";
import { type Excerpt, excerptOf, HashSample, HashSampleByReason } from "./excerpts.ts";
import { type Folder, JsonlFile } from "./folder.ts";
import type { Funnel } from "./funnel.ts";
import { textLines } from "./lines.ts";
import { datasetFiles, type Manifest } from "./manifest.ts";
import { pageOf } from "./page.ts";
import { writeParquet } from "./parquet.ts";
import type { Tries } from "./pass-rate.ts";
import type { Filtered } from "./pipeline.ts";
import { rejectedRow } from "./rejected.ts";
import type { DatasetRow } from "./row.ts";
import type { CurateSettings } from "./settings.ts";
import { hashOf } from "./source.ts";
import { splitOf } from "./split.ts";

interface Curation {
  folder: Folder;
  /** Rows and rejected traces in the order in which they come; one pass. */
  results: AsyncIterable<Filtered>;
  settings: CurateSettings;
  tries: ReadonlyMap<string, Tries>;
  funnel: Funnel;
  /** What the manifest says of where this comes from. */
  origin: Pick<Manifest, "inputs" | "source"> & { benchmarks: Omit<Manifest["benchmarks"], "flagged"> };
}

/** Rows on the page, kept and rejected. */
const SHOWN = 20;
const CANDIDATES = "candidates.jsonl";

/**
 * Writes a dataset's folder from a stream of filtered traces. Rows lie on disk while those that are compared with each
 * other are chosen; in memory there is of each its problem and a few numbers. Returns the manifest; the folder stands when
 * it returns.
 */
export async function curate(curation: Curation): Promise<Manifest> {
  const { folder } = curation;
  try {
    const manifest = await written(curation);
    await folder.commit();
    return manifest;
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

async function written({ folder, results, settings, tries, funnel, origin }: Curation): Promise<Manifest> {
  const kept = new HashSample<Excerpt>(SHOWN, settings.seed);
  const thrown = new HashSampleByReason<Excerpt>(SHOWN, settings.seed);
  const span = new Span();
  const rejected = new JsonlFile(folder.path(datasetFiles.rejected));
  const waiting = new JsonlFile(folder.path(CANDIDATES));
  const candidates: CandidateRow[] = [];
  for await (const { id, time, about, row, rejection, withheld } of results) {
    span.add(...time);
    if (rejection) {
      const line = rejectedRow(id, rejection, about, row, withheld);
      await rejected.append(line);
      thrown.offer(rejection.reason, line.id, () => excerptOf(line.row, line.id, line));
    } else if (row) {
      await waiting.append(row);
      candidates.push(candidateRowOf(row));
    }
  }
  await waiting.close();

  const rejections =
    origin.source.kind === "m500"
      ? rejectBySampling(candidates, settings)
      : rejectByComparison(candidates, tries, settings);
  const rows = new JsonlFile(folder.path(datasetFiles.rows));
  const count = new Count();
  let index = 0;
  for await (const row of linesOf(folder.path(CANDIDATES))) {
    const { problem } = candidates[index]!;
    const rejection = rejections[index++]!;
    if (rejection) {
      funnel.reject(rejection);
      await rejected.append(rejectedRow(row.id, rejection, row.provenance, row, false));
      thrown.offer(rejection.reason, row.id, () => excerptOf(row, row.id, rejection));
    } else {
      row.split = splitOf(problem, settings.seed);
      await rows.append(row);
      count.add(row, problem);
      kept.offer(row.id, () => excerptOf(row, row.id, null));
    }
  }
  await Promise.all([rows.close(), rejected.close()]);
  await rm(folder.path(CANDIDATES));
  await writeParquet(folder.path(datasetFiles.parquet), linesOf(folder.path(datasetFiles.rows)));

  const { read } = funnel;
  const manifest: Manifest = {
    version: 1,
    inputs: origin.inputs,
    source: { ...origin.source, first: span.first, last: span.last },
    settings,
    read,
    kept: rows.rows,
    yield: read > 0 ? wilson(rows.rows, read) : null,
    funnel: funnel.steps(),
    benchmarks: { ...origin.benchmarks, flagged: count.flagged },
    difficulty: countTried(
      candidates.filter((_, at) => rejections[at] === null),
      tries,
    ),
    rows: count.rows,
    problems: { train: count.problems.train.size, validation: count.problems.validation.size },
    models: [...count.models].sort(),
    licences: [...count.licences].sort(),
    files: {},
  };
  await folder.write(datasetFiles.card, cardOf(manifest));
  await folder.write(datasetFiles.page, pageOf(manifest, kept.values, thrown.values));
  for (const name of [
    datasetFiles.rows,
    datasetFiles.parquet,
    datasetFiles.rejected,
    datasetFiles.card,
    datasetFiles.page,
  ]) {
    const path = folder.path(name);
    manifest.files[name] = { sha256: await hashOf(path), bytes: (await stat(path)).size };
  }
  await folder.write(datasetFiles.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Rows that we wrote ourselves: they are not checked again. */
async function* linesOf(file: string): AsyncGenerator<DatasetRow> {
  for await (const line of textLines(file)) yield JSON.parse(line) as DatasetRow;
}

class Span {
  first: string | null = null;
  last: string | null = null;

  add(start: string | null, end: string | null): void {
    if (start && (this.first === null || start < this.first)) this.first = start;
    if (end && (this.last === null || end > this.last)) this.last = end;
  }
}

class Count {
  readonly rows = { train: 0, validation: 0 };
  readonly problems = { train: new Set<string>(), validation: new Set<string>() };
  readonly models = new Set<string>();
  readonly licences = new Set<string>();
  flagged = 0;

  add({ split, provenance: { models, licence, flags = [] } }: DatasetRow, problem: string): void {
    this.rows[split]++;
    this.problems[split].add(problem);
    for (const model of models) this.models.add(model);
    this.licences.add(licence ?? "unknown");
    if (flags.length > 0) this.flagged++;
  }
}
