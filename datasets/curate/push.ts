import { createHash } from "node:crypto";
import type { Client } from "langsmith";
import { DataError } from "../../benchmarks/rows.ts";
import { uuidOf } from "../../benchmarks/uuid.ts";
import type { Manifest } from "./manifest.ts";
import { columns, type DatasetRow } from "./row.ts";

/** Examples of one request; the SDK does not divide them. */
const MOST = 100;
const MOST_BYTES = 15_000_000;

interface PushOptions {
  /** The dataset's name; it is made where it is missing. */
  name: string;
  tag: string;
  manifest: Manifest;
  /** Whether the traces lie where the dataset goes: then examples point at them. */
  samePlace: boolean;
}

interface PushResult {
  created: number;
  changed: number;
  removed: number;
  unchanged: number;
}

/** `sft-20260131`, by the day of the last trace; without traces by a hash of what the dataset was made of. */
export const tagOf = ({ source: { last }, inputs }: Manifest): string =>
  `sft-${last ? last.slice(0, 10).replaceAll("-", "") : inputs.slice(0, 8)}`;

/**
 * Makes the newest version of a dataset hold exactly these rows, and tags it. An example's id is made of its content: a
 * second push of the same rows changes nothing, rows that are gone leave the newest version, and older versions keep them.
 */
export async function push(
  client: Client,
  rows: AsyncIterable<DatasetRow>,
  options: PushOptions,
): Promise<PushResult> {
  const { name, tag, manifest } = options;
  const dataset = (await client.hasDataset({ datasetName: name }))
    ? await client.readDataset({ datasetName: name })
    : await client.createDataset(name, { description: "Made by boardroom curate", dataType: "kv" });
  const there = await known(client, dataset.id);
  const pushed: PushResult = { created: 0, changed: 0, removed: 0, unchanged: 0 };
  const fresh = new Chunks((examples) => client.createExamples(examples).then(() => {}));
  const other = new Chunks((examples) =>
    client.updateExamples(examples.map(({ source_run_id: _, ...rest }) => rest)).then(() => {}),
  );
  const met = new Map<string, number>();
  for await (const row of rows) {
    const example = exampleOf(dataset.id, row, options, met);
    const before = there.get(example.id);
    there.delete(example.id);
    if (before === undefined) {
      await fresh.add(example);
      pushed.created++;
    } else if (before !== example.metadata.details_hash) {
      await other.add(example);
      pushed.changed++;
    } else pushed.unchanged++;
  }
  await fresh.flush();
  await other.flush();
  const gone = [...there.keys()];
  for (let at = 0; at < gone.length; at += MOST) await client.deleteExamples(gone.slice(at, at + MOST));
  pushed.removed = gone.length;
  if (manifest.kept === 0) throw new DataError(`${name} has no rows: there is no version to tag.`);
  await tagged(client, dataset.id, tag);
  return pushed;
}

/** Of each example that the newest version holds, what may change without its content. */
async function known(client: Client, datasetId: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { id, metadata } of client.listExamples({ datasetId }))
    found.set(id, String(metadata?.details_hash ?? ""));
  return found;
}

/** A tag that stands where it should is left alone. */
async function tagged(client: Client, datasetId: string, tag: string): Promise<void> {
  const { as_of } = await client.readDatasetVersion({ datasetId, tag: "latest" });
  const standing = await client.readDatasetVersion({ datasetId, tag }).then(
    (version) => version.as_of,
    () => null,
  );
  if (standing !== as_of) await client.updateDatasetTag({ datasetId, asOf: as_of, tag });
}

const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);

/** `met`: how often each content came before; a row that repeats another, as in a foreign M500, is an example of its own. */
function exampleOf(
  datasetId: string,
  row: DatasetRow,
  { name, samePlace }: PushOptions,
  met: Map<string, number>,
) {
  const { id, split, question, solution, turns, provenance } = row;
  const messages = Object.fromEntries(Object.values(columns).map((column) => [column, row[column]]));
  const inputs = { question };
  const outputs = { solution, ...messages, turns };
  const content_hash = digest([inputs, outputs]);
  const nth = met.get(content_hash) ?? 0;
  met.set(content_hash, nth + 1);
  const details = { row: id, ...provenance };
  return {
    id: uuidOf("boardroom", name, content_hash, ...(nth > 0 ? [String(nth)] : [])),
    dataset_id: datasetId,
    inputs,
    outputs,
    split,
    metadata: { content_hash, details_hash: digest([split, details]), ...details },
    ...(samePlace && provenance.trace && { source_run_id: provenance.trace }),
  };
}

type PushedExample = ReturnType<typeof exampleOf>;

/** Sends examples as many at a time as one request may hold. */
class Chunks {
  private waiting: PushedExample[] = [];
  private bytes = 0;

  constructor(private readonly send: (examples: PushedExample[]) => Promise<void>) {}

  async add(example: PushedExample): Promise<void> {
    const size = Buffer.byteLength(JSON.stringify(example));
    if (this.waiting.length === MOST || this.bytes + size > MOST_BYTES) await this.flush();
    this.waiting.push(example);
    this.bytes += size;
  }

  async flush(): Promise<void> {
    if (this.waiting.length > 0) await this.send(this.waiting);
    this.waiting = [];
    this.bytes = 0;
  }
}
