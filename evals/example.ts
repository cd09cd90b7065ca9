import type { Example } from "langsmith/schemas";
import { Item } from "../benchmarks/benchmark.ts";
import { DataError } from "../benchmarks/rows.ts";
import { uuidOf } from "../benchmarks/uuid.ts";

/**
 * An example that was read from somewhere keeps its id there; ours have ids made of what they hold: rows of two files, or
 * two orders of a question's choices, may go by one id and are not the same example.
 */
export const exampleId = (dataset: string, { id, task, gold, meta }: Item): string =>
  typeof meta.example === "string"
    ? meta.example
    : uuidOf("boardroom", dataset, id, JSON.stringify([task, gold]));

/** An item as LangSmith keeps it: the task as input, the gold as output. */
export function exampleOf(dataset: string, datasetId: string, item: Item): Example {
  const { id: _, ...task } = item.task;
  return {
    id: exampleId(dataset, item),
    inputs: { id: item.id, task },
    outputs: { gold: item.gold },
    metadata: withoutExample(item.meta),
    dataset_id: datasetId,
    created_at: new Date(0).toISOString(),
    modified_at: new Date(0).toISOString(),
    runs: [],
  };
}

const withoutExample = ({ example: _, ...meta }: Item["meta"]) => meta;

/** Reads one back. Throws DataError where it is not one of ours. */
export function itemOf(example: Example, dataset: string): Item {
  const { id = example.id, task } = example.inputs as { id?: string; task?: object };
  const parsed = Item.safeParse({
    id,
    task: { ...task, id },
    gold: example.outputs?.gold,
    meta: { origin: "file", ...example.metadata, example: example.id },
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DataError(
    `example ${example.id} of ${dataset} is not one of ours (inputs.task, outputs.gold): ${issue?.path.join(".")}: ${issue?.message}.`,
  );
}
