import { isDeepStrictEqual } from "node:util";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { newVersion } from "./versions.ts";

/** One state of an example: from the version `since`, to the version `until` that replaced or removed it. */
export interface ExampleRow {
  key: number;
  id: string;
  dataset_id: string;
  /** Where it stands in its dataset; kept through all its states. */
  place: number;
  since: number;
  until: number | null;
  created_at: number;
  source_run_id: string | null;
  metadata: string;
  inputs: string;
  outputs: string | null;
}

export interface ExampleContent {
  inputs: unknown;
  outputs: unknown;
  metadata: Record<string, unknown>;
}

export const contentOf = (row: ExampleRow): ExampleContent => ({
  inputs: JSON.parse(row.inputs),
  outputs: row.outputs === null ? null : JSON.parse(row.outputs),
  metadata: JSON.parse(row.metadata),
});

export const currentExample = (store: Store, id: string): ExampleRow | undefined =>
  store.get<ExampleRow>("SELECT * FROM examples WHERE id = ? AND until IS NULL", id);

interface NewExample extends ExampleContent {
  id: string;
  source_run_id: string | null;
  created_at: number | null;
}

/**
 * Adds examples to a dataset as one version of it. One that is there with the same content is left as it is, so that
 * pushing twice makes no version; with another content it is refused (409), as it must be changed by PATCH.
 */
export function addExamples(store: Store, dataset: string, examples: NewExample[]): void {
  const missing = examples.filter((example) => {
    const there = currentExample(store, example.id);
    if (!there) return true;
    const { inputs, outputs, metadata } = example;
    if (there.dataset_id === dataset && isDeepStrictEqual(contentOf(there), { inputs, outputs, metadata }))
      return false;
    throw new Refusal(409, `Example ${example.id} exists already, with another content: change it by PATCH.`);
  });
  if (missing.length === 0) return;
  const since = newVersion(store, dataset);
  const last = store.get<{ place: number | null }>(
    "SELECT max(place) AS place FROM examples WHERE dataset_id = ?",
    dataset,
  );
  missing.forEach((example, index) => {
    insert(store, {
      ...example,
      dataset_id: dataset,
      place: (last?.place ?? 0) + 1 + index,
      since,
      created_at: example.created_at ?? since,
    });
  });
}

/** Gives examples of a dataset a new content, as one version of it; those that do not change make none. */
export function changeExamples(
  store: Store,
  dataset: string,
  changes: { id: string; changed: (content: ExampleContent) => ExampleContent }[],
): number {
  const rows = changes.map(({ id, changed }) => {
    const row = currentExample(store, id);
    if (row?.dataset_id !== dataset) throw new Refusal(404, `Example ${id} not found in dataset ${dataset}.`);
    return { row, content: changed(contentOf(row)) };
  });
  const different = rows.filter(({ row, content }) => !isDeepStrictEqual(contentOf(row), content));
  if (different.length === 0) return 0;
  const since = newVersion(store, dataset);
  for (const { row, content } of different) {
    store.run("UPDATE examples SET until = ? WHERE key = ?", since, row.key);
    insert(store, { ...row, ...content, since });
  }
  return different.length;
}

/** Takes examples out of their datasets: older versions still have them, unless `hard`. */
export function removeExamples(store: Store, ids: string[], hard = false): void {
  const rows = ids.map((id) => {
    const row = currentExample(store, id);
    if (!row) throw new Refusal(404, `Example ${id} not found.`);
    return row;
  });
  for (const dataset of new Set(rows.map(({ dataset_id }) => dataset_id))) {
    const until = newVersion(store, dataset);
    for (const { id, key } of rows.filter((row) => row.dataset_id === dataset))
      if (hard) store.run("DELETE FROM examples WHERE id = ?", id);
      else store.run("UPDATE examples SET until = ? WHERE key = ?", until, key);
  }
}

type Insert = Pick<ExampleRow, "id" | "dataset_id" | "place" | "since" | "created_at" | "source_run_id"> &
  ExampleContent;

function insert(store: Store, row: Insert): void {
  store.run(
    `INSERT INTO examples (id, dataset_id, place, since, created_at, source_run_id, metadata, inputs, outputs)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.dataset_id,
    row.place,
    row.since,
    row.created_at,
    row.source_run_id,
    JSON.stringify(row.metadata),
    JSON.stringify(row.inputs),
    row.outputs === null || row.outputs === undefined ? null : JSON.stringify(row.outputs),
  );
}
