import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { Client } from "langsmith";
import { evaluate } from "langsmith/evaluation";
import type { RunTree } from "langsmith/run_trees";
import { getCurrentRunTree, traceable } from "langsmith/traceable";
import pLimit, { type LimitFunction } from "p-limit";
import type { Item } from "../benchmarks/benchmark.ts";
import type { Money } from "../models/money.ts";
import { type Mode, modes } from "../state/run-info.ts";
import { NOT_RUN } from "../tracing/roots.ts";
import type { Evaluation } from "./evaluation.ts";
import { worstCaseOfRollout } from "./evaluation-budget.ts";
import { exampleId, exampleOf } from "./example.ts";
import type { Job } from "./jobs.ts";
import { type ResultRow, tokensOf } from "./records.ts";

interface ExperimentOptions {
  benchmark: string;
  /** The dataset's name in LangSmith. */
  dataset: string;
  items: Item[];
  model: string;
  concurrency: number;
  /** Of LangSmith or the local store, which takes the dataset, and every rollout as a row of an experiment. */
  client: Client;
  /** Callbacks that trace a graph below a run of the SDK's. */
  below: (run: RunTree) => Promise<Callbacks | undefined>;
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
 * repeats as repetitions. The modes share the slots, so that none stands idle while one mode's last items run.
 */
export async function runExperiments(evaluation: Evaluation, options: ExperimentOptions): Promise<void> {
  const { dataset, items, concurrency, client } = options;
  const datasetId = await pushDataset(client, dataset, items);
  const worst = await worstCaseOfRollout(evaluation.settings);
  await evaluation.warmUp();
  const limit = pLimit(concurrency);
  await Promise.all(modes.map((mode) => runMode(mode, { ...options, evaluation, datasetId, worst, limit })));
  await client.awaitPendingTraceBatches();
}

interface Shared extends ExperimentOptions {
  evaluation: Evaluation;
  datasetId: string;
  worst: Money;
  limit: LimitFunction;
}

/**
 * Rows that one call of `evaluate()` is given. It holds what it knows of each until its last has ended, and each time one
 * ends it waits anew for every other, which for thousands is most of the memory and of the work; so it is called for some
 * at a time, the next ones as soon as one of these has begun, so that they are ready when a slot is free.
 */
const BATCH = 128;

async function runMode(mode: Mode, shared: Shared): Promise<void> {
  const { evaluation, dataset, datasetId, worst, limit, concurrency, client, below } = shared;
  const jobs = evaluation.jobs.filter((job) => job.mode === mode);
  if (jobs.length === 0) return;
  const named = await experimentOf(mode, jobs.length, shared);
  // Outside of evaluate's own context, or every node of every rollout would be traced twice.
  const outside = AsyncResource.bind(<T>(work: () => Promise<T>): Promise<T> => work());
  const batches: Promise<unknown>[] = [];
  for (let at = 0; at < jobs.length && !evaluation.isOver; at += BATCH) {
    const batch = jobs.slice(at, at + BATCH);
    const waiting = byExample(batch);
    let tellBegun = () => {};
    const begun = new Promise<void>((resolve) => {
      tellBegun = resolve;
    });
    const target = ({ id }: { id: string }): Promise<Outputs> =>
      limit(async () => {
        tellBegun();
        const job = waiting.get(id)!.shift()!;
        const callbacks = await below(getCurrentRunTree());
        const end = await outside(() => evaluation.rollout(job, worst, callbacks));
        if ("row" in end) return outputsOf(end.row);
        throw end.begun ? end.error : new Error(NOT_RUN + end.error.message);
      });
    const done = evaluate(traceable(target, { name: mode }), {
      data: batch.map(({ item }) => exampleOf(dataset, datasetId, item)),
      evaluators: [feedback],
      ...named,
      targetConcurrency: concurrency,
      evaluationConcurrency: 8,
      disableEvaluatorTracing: true,
      client,
    }).then(() => {});
    batches.push(done);
    done.catch(() => {}); // thrown below, when the batches after it have been begun
    await Promise.race([begun, done]);
  }
  await Promise.all(batches);
}

/** Makes the dataset of a benchmark where it is missing, and the examples that it lacks. */
async function pushDataset(client: Client, name: string, items: Item[]): Promise<string> {
  const { id } = (await client.hasDataset({ datasetName: name }))
    ? await client.readDataset({ datasetName: name })
    : await client.createDataset(name, { description: "Made by boardroom eval --upload" });
  const there = new Set<string>();
  for await (const example of client.listExamples({ datasetId: id })) there.add(example.id);
  const missing = items.filter((item) => !there.has(exampleId(name, item)));
  for (let at = 0; at < missing.length; at += 100)
    await client.createExamples(
      missing.slice(at, at + 100).map((item) => {
        const { id: example, inputs, outputs = {}, metadata = {} } = exampleOf(name, id, item);
        return { id: example, dataset_id: id, inputs, outputs, metadata };
      }),
    );
  return id;
}

/** What makes calls of `evaluate()` one experiment. */
async function experimentOf(mode: Mode, rollouts: number, shared: Shared) {
  const { benchmark, model, worst, client, datasetId } = shared;
  const metadata = { benchmark, mode, model, budget_tokens: worst.tokens };
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
