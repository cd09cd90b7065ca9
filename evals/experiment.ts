import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { Client } from "langsmith";
import { evaluate } from "langsmith/evaluation";
import { getLangchainCallbacks } from "langsmith/langchain";
import type { Example } from "langsmith/schemas";
import { getCurrentRunTree, traceable } from "langsmith/traceable";
import { Item } from "../benchmarks/benchmark.ts";
import { DataError } from "../benchmarks/rows.ts";
import { uuidOf } from "../benchmarks/uuid.ts";
import type { Mode } from "../state/run-info.ts";
import { localClient } from "../tracing/local/client.ts";
import { NOT_RUN } from "../tracing/roots.ts";
import { type ResultRow, tokensOf } from "./records.ts";
import type { Evaluation, Job } from "./run.ts";

/**
 * An example that was read from somewhere keeps its id there; ours have ids made of what they hold: rows of two files, or
 * two orders of a question's choices, may go by one id and are not the same example.
 */
const exampleId = (dataset: string, { id, task, gold, meta }: Item): string =>
  typeof meta.example === "string"
    ? meta.example
    : uuidOf("boardroom", dataset, id, JSON.stringify([task, gold]));

/** An item as LangSmith keeps it: the task as input, the gold as output. */
function exampleOf(dataset: string, datasetId: string, item: Item): Example {
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

/** The items of a dataset that lives in LangSmith, or where there is no key in the local store: NAME, or NAME@tag. */
export async function loadDataset(spec: string, limit: number | undefined): Promise<Item[]> {
  const [place, client] = process.env.LANGSMITH_API_KEY
    ? ["LangSmith", new Client()]
    : ["the local store", localClient()];
  const [datasetName = "", asOf] = spec.split("@");
  const items: Item[] = [];
  if (!(await client.hasDataset({ datasetName })))
    throw new DataError(`${place} has no dataset ${datasetName}.`);
  for await (const example of client.listExamples({
    datasetName,
    ...(asOf && { asOf }),
    ...(limit && { limit }),
  })) {
    const { id = example.id, task } = example.inputs as { id?: string; task?: object };
    const parsed = Item.safeParse({
      id,
      task: { ...task, id },
      gold: example.outputs?.gold,
      meta: { origin: "file", ...example.metadata, example: example.id },
    });
    if (!parsed.success)
      throw new DataError(
        `example ${example.id} of ${datasetName} is not one of ours (inputs.task, outputs.gold): ${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}.`,
      );
    items.push(parsed.data);
  }
  if (items.length === 0) throw new DataError(`the dataset ${spec} of ${place} is empty.`);
  return items;
}

/** Makes the dataset of a benchmark in LangSmith where it is missing, and the examples that it lacks. */
async function pushDataset(client: Client, name: string, items: Item[]): Promise<string> {
  const { id } = (await client.hasDataset({ datasetName: name }))
    ? await client.readDataset({ datasetName: name })
    : await client.createDataset(name, { description: "Made by boardroom eval --upload" });
  const there = new Set<string>();
  for await (const example of client.listExamples({ datasetId: id })) there.add(example.id);
  const missing = items.map((item) => exampleOf(name, id, item)).filter((example) => !there.has(example.id));
  for (let at = 0; at < missing.length; at += 100)
    await client.createExamples(
      missing.slice(at, at + 100).map((example) => ({
        id: example.id,
        dataset_id: id,
        inputs: example.inputs,
        outputs: example.outputs ?? {},
        metadata: example.metadata ?? {},
      })),
    );
  return id;
}

export interface ExperimentOptions {
  benchmark: string;
  /** The dataset's name in LangSmith. */
  dataset: string;
  items: Item[];
  modes: Mode[];
  model: string;
  concurrency: number;
  /** The budget of one rollout in tokens, put aside before it begins. */
  budget: number;
  /** Whether `client`'s place takes the dataset, and every rollout as a row of an experiment. */
  upload: boolean;
  client?: Client;
  /** Without `upload`: what traces the rollouts one by one. */
  callbacks?: BaseCallbackHandler[];
}

interface Outputs {
  answer: string | null;
  status: string;
  score: number | null;
  tokens: number;
  usd: number;
}

/**
 * Runs what is left of an evaluation through langsmith's `evaluate()`: one experiment per mode, all on the same dataset,
 * repeats as repetitions. The modes share the slots, so that none stands idle while one mode's last items run. Without
 * `upload` nothing leaves this machine.
 */
export async function runExperiments(evaluation: Evaluation, options: ExperimentOptions): Promise<void> {
  const { dataset, items, modes, concurrency, budget, upload } = options;
  const client = options.client ?? new Client(upload ? {} : { apiKey: "none" });
  const datasetId = upload ? await pushDataset(client, dataset, items) : uuidOf("boardroom", dataset);
  await evaluation.warmUp();
  const turns = slots(concurrency);
  // Outside of evaluate's own context, or every node of every rollout would be traced, with nobody to send it to.
  const untraced = AsyncResource.bind(<T>(work: () => Promise<T>): Promise<T> => work());

  async function runMode(mode: Mode): Promise<void> {
    const jobs = evaluation.jobs.filter((job) => job.mode === mode);
    if (jobs.length === 0) return;
    const named = await experimentOf(mode, jobs.length, { ...options, client, datasetId });
    const batches: Promise<unknown>[] = [];
    for (let at = 0; at < jobs.length && !evaluation.over; at += BATCH) {
      const batch = jobs.slice(at, at + BATCH);
      const waiting = byExample(batch);
      const begun = countdown(batch.length);
      const target = ({ id }: { id: string }): Promise<Outputs> =>
        turns(async () => {
          begun.count();
          const job = waiting.get(id)!.shift()!;
          const tree = upload ? getCurrentRunTree(true) : undefined;
          const callbacks = tree ? await getLangchainCallbacks(tree) : options.callbacks;
          const row = await untraced(() => evaluation.rollout(job, budget, callbacks));
          if (row) return outputsOf(row);
          const why = whyStopped[evaluation.stopped ?? "interrupted"];
          throw new Error(NOT_RUN + why);
        });
      const done = evaluate(upload ? traceable(target, { name: mode }) : target, {
        data: batch.map(({ item }) => exampleOf(dataset, datasetId, item)),
        evaluators: [feedback],
        ...named,
        targetConcurrency: concurrency,
        evaluationConcurrency: 8,
        uploadRuns: upload,
        disableEvaluatorTracing: true,
        client,
      }).then(() => {});
      batches.push(done);
      done.catch(() => {}); // thrown below, when the batches after it have been begun
      await Promise.race([begun.zero, done]);
    }
    await Promise.all(batches);
  }

  await Promise.all(modes.map(runMode));
  if (upload) await client.awaitPendingTraceBatches();
}

const whyStopped = {
  money: "the money for the whole is spent",
  endpoint: "the endpoint answers nobody",
  interrupted: "interrupted",
};

/**
 * Rows that one call of `evaluate()` is given. It holds what it knows of each until its last has ended, and each time one
 * ends it waits anew for every other, which for thousands is most of the memory and of the work; so it is called for some
 * at a time, the next ones when these have all begun.
 */
const BATCH = 128;

/** What makes calls of `evaluate()` one experiment. */
async function experimentOf(
  mode: Mode,
  rollouts: number,
  options: ExperimentOptions & { client: Client; datasetId: string },
) {
  const { benchmark, model, budget, upload, client, datasetId } = options;
  const metadata = { benchmark, mode, model, budget_tokens: budget };
  if (!upload) return { metadata };
  const experiment = await client.createProject({
    projectName: `${benchmark}-${mode}-${model}-${randomUUID().slice(0, 8)}`,
    referenceDatasetId: datasetId,
    metadata,
    numExamples: rollouts,
    evaluatorKeys: ["score", "tokens", "usd"],
  });
  return { metadata, experiment };
}

const outputsOf = (row: ResultRow): Outputs => ({
  answer: row.answer,
  status: row.status,
  score: row.score,
  tokens: tokensOf(row),
  usd: row.usage.usd,
});

/**
 * The scores were made where the gold is at hand; LangSmith gets them as feedback. A rollout that broke off scores 0, one
 * that was never begun has no score.
 */
function feedback({ run, outputs }: { run: { error?: string }; outputs?: Partial<Outputs> }) {
  if (run.error?.includes(NOT_RUN)) return [];
  const { score = 0, tokens = 0, usd = 0 } = outputs ?? {};
  return [
    { key: "score", ...(score !== null && { score }) },
    { key: "tokens", score: tokens },
    { key: "usd", score: usd },
  ];
}

function byExample(jobs: Job[]): Map<string, Job[]> {
  const waiting = new Map<string, Job[]>();
  for (const job of jobs) waiting.set(job.item.id, [...(waiting.get(job.item.id) ?? []), job]);
  return waiting;
}

/** `zero` is kept when `count` has been called `n` times. */
function countdown(n: number) {
  let reached = () => {};
  const zero = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const count = () => {
    if (--n === 0) reached();
  };
  return { count, zero };
}

/** Lets `n` tasks run at once, in the order they came. */
function slots(n: number) {
  let free = n;
  const queue: (() => void)[] = [];
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((go) => queue.push(go));
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free++;
    }
  };
}
