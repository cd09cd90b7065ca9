import { Client } from "langsmith";
import type { Item } from "../benchmarks/benchmark.ts";
import { DataError } from "../benchmarks/rows.ts";
import { localClient } from "../tracing/local/client.ts";
import { itemOf } from "./example.ts";

/** The items of a dataset that lives in LangSmith, or where there is no key in the local store: NAME, or NAME@tag. */
export async function loadDataset(spec: string, limit: number | undefined): Promise<Item[]> {
  const [place, client] = process.env.LANGSMITH_API_KEY
    ? ["LangSmith", new Client()]
    : ["the local store", localClient()];
  const [datasetName = "", asOf] = spec.split("@");
  if (!(await client.hasDataset({ datasetName })))
    throw new DataError(`${place} has no dataset ${datasetName}.`);
  const items: Item[] = [];
  for await (const example of client.listExamples({
    datasetName,
    ...(asOf && { asOf }),
    ...(limit && { limit }),
  }))
    items.push(itemOf(example, datasetName));
  if (items.length === 0) throw new DataError(`the dataset ${spec} of ${place} is empty.`);
  return items;
}
