import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { DataError } from "../../benchmarks/rows.ts";
import { DATA, filesOf, type RunFiles } from "../files.ts";
import { deepspeedText } from "../recipes/deepspeed.ts";
import { type Recipe, recipe as recipeNamed } from "../recipes/recipe.ts";
import { configHash, difference } from "./config.ts";
import { datasetHash, type Exporter, prepareData } from "./data.ts";
import { refuseSmallDisk, stepsOf } from "./disk.ts";
import {
  defaultStart,
  type Handle,
  type LaunchPlan,
  type Place,
  SubmissionUnclear,
  type Trainer,
} from "./launcher.ts";
import { launchers } from "./launchers.ts";
import { machinesFor } from "./machines.ts";
import {
  isRun,
  RECIPE,
  type Run,
  readRun,
  refuseBadName,
  refuseForeignFolder,
  runFolder,
  runsFolder,
  withRunLock,
  writeRun,
} from "./run.ts";
import { statusOfRun } from "./status.ts";

/** What the command line says. */
interface LaunchRequest {
  /** An export, a curated dataset, a file of rows, or m500. */
  data: string;
  recipe: string;
  /** `key=value` of the trainer's arguments. */
  set: string[];
  on: Place;
  /** Left out: recipe and a hash of the configuration, so that the same command finds its run again. */
  name?: string | undefined;
  nodes: number;
  gpus?: number | undefined;
  gpu?: string | undefined;
  time?: string | undefined;
  sbatch?: string[] | undefined;
  port?: number | undefined;
  /** Go on with a run that is there, and start none. */
  resume: boolean;
}

/** What launching needs from elsewhere. */
export interface LaunchTools {
  exporter: Exporter;
  /** The trainer's program, its environment made where it is missing. */
  trainer: (recipe: Recipe, on: Place) => Promise<Trainer>;
  pins: readonly string[];
  /** Gets what a program that starts the run prints. */
  printed: Writable;
}

/** `started` and `resumed` by this call; the others stood before it. */
interface LaunchResult {
  run: string;
  outcome: "started" | "resumed" | "alive" | "done";
}

/** Starts a run, or goes on with it; a refusal (DataError, Error) leaves everything as it was. */
export async function launch(request: LaunchRequest, tools: LaunchTools): Promise<LaunchResult> {
  const recipe = recipeNamed(request.recipe, request.set);
  if (request.name !== undefined) refuseBadName(request.name);
  const machines = machinesFor(recipe, request);
  const node = request.on === "local" && machines.nodes > 1 ? nodeFromEnvironment() : {};
  const start = {
    ...defaultStart,
    ...node,
    ...(request.time && { time: request.time }),
    ...(request.sbatch && { sbatch: request.sbatch }),
    ...(request.port && { port: request.port }),
  };

  mkdirSync(runsFolder(), { recursive: true });
  const part = mkdtempSync(join(runsFolder(), ".part-"));
  const discard = () => rmSync(part, { recursive: true, force: true });
  process.once("exit", discard); // an interrupted export leaves nothing either
  try {
    const data = await prepareData(request.data, recipe, join(part, DATA), tools.exporter);
    const deepspeed = recipe.train.deepspeed ? deepspeedText(recipe.train.deepspeed) : null;
    const plan: LaunchPlan = {
      name: request.name ?? "",
      recipe,
      data,
      deepspeed,
      ...machines,
      ...start,
      pins: tools.pins,
    };
    const dataset = datasetHash(join(part, DATA));
    const config = configHash(plan, dataset);
    plan.name ||= `${recipe.name.replace(/[^\w.-]+/g, "-")}-${config.slice(0, 8)}`;
    refuseBadName(plan.name);
    return await withRunLock(plan.name, async () => {
      refuseForeignFolder(plan.name);
      const there = isRun(plan.name) ? readRun(plan.name) : null;
      if (!there && request.resume)
        throw new DataError(`there is no run ${plan.name} to resume: launch it without --resume.`);
      if (!there) return await startNew(plan, request, { part, dataset, config }, tools);
      if (there.config !== config || there.on !== request.on)
        throw new DataError(
          `run ${plan.name} is there with another configuration (${there.on === request.on ? difference(there, runFolder(plan.name), plan, dataset) : `on ${there.on}`}): choose another --name.`,
        );
      return await resume(plan, there, tools);
    });
  } finally {
    discard();
    process.removeListener("exit", discard);
  }
}

async function startNew(
  plan: LaunchPlan,
  request: LaunchRequest,
  { part, dataset, config }: { part: string; dataset: string; config: string },
  tools: LaunchTools,
): Promise<LaunchResult> {
  const { name, recipe, nodes, gpus } = plan;
  const { on } = request;
  if (on !== "skypilot")
    refuseSmallDisk({ ...recipe.base, train: recipe.train, steps: stepsOf(plan) }, runsFolder());
  await launchers[on].check(plan);
  plan.trainer = await tools.trainer(recipe, on);
  writeFiles(part, filesOf(plan, launchers[on].files(plan)));
  writeFiles(part, { [RECIPE]: `${JSON.stringify(recipe, null, 2)}\n` });
  const run: Run = {
    format: "boardroom-run-1",
    ...{ run: name, on, nodes, gpus, recipe: recipe.name, data: request.data, dataset, config },
    created: new Date().toISOString(),
    trainer: plan.trainer.command.join(" "),
    starts: [],
    cancelled: null,
  };
  writeRun(part, run);
  const folder = runFolder(name);
  renameSync(part, folder);
  try {
    await submit(plan, run, tools.printed);
  } catch (error) {
    if (!(error instanceof SubmissionUnclear)) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { run: name, outcome: "started" };
}

async function resume(plan: LaunchPlan, run: Run, tools: LaunchTools): Promise<LaunchResult> {
  const status = await statusOfRun(run);
  if (status.state === "done") return { run: run.run, outcome: "done" };
  if (status.state === "waiting" || status.state === "running") return { run: run.run, outcome: "alive" };
  if (status.state === "unknown")
    throw new Error(
      `run ${run.run} is not started again while it is not known whether it lives: ${status.detail} Cancel it first.`,
    );
  await launchers[run.on].check(plan);
  plan.trainer = await tools.trainer(plan.recipe, run.on);
  const folder = runFolder(run.run);
  writeFiles(folder, launchers[run.on].files(plan));
  rmSync(join(folder, "exit"), { force: true });
  await submit(plan, { ...run, trainer: plan.trainer.command.join(" "), cancelled: null }, tools.printed);
  return { run: run.run, outcome: "resumed" };
}

async function submit(plan: LaunchPlan, run: Run, printed: Writable): Promise<void> {
  const folder = runFolder(run.run);
  const launcher = launchers[run.on];
  const record = (handle: Handle) =>
    writeRun(folder, { ...run, starts: [...run.starts, { at: new Date().toISOString(), handle }] });
  const submitting = launcher.submitting?.(plan);
  if (submitting) record(submitting);
  try {
    record(await launcher.submit(plan, folder, printed));
  } catch (error) {
    if (submitting && !(error instanceof SubmissionUnclear)) writeRun(folder, run);
    throw error;
  }
}

function writeFiles(folder: string, files: RunFiles): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  }
}

/** On several machines without a scheduler, the user starts the run on each and says which it is, as torchrun reads it. */
function nodeFromEnvironment(): Pick<LaunchPlan, "rank" | "address"> {
  const { NODE_RANK, MASTER_ADDR } = process.env;
  if (!MASTER_ADDR || !/^\d+$/.test(NODE_RANK ?? ""))
    throw new DataError(
      "--on local with several nodes is started on each of them, with NODE_RANK (0, 1, …) and MASTER_ADDR (the address of node 0) in the environment.",
    );
  return { rank: Number(NODE_RANK), address: MASTER_ADDR };
}

/** Throws DataError where a trainer's program is not there. */
export function trainerAt(path: string): Trainer {
  if (!existsSync(path))
    throw new DataError(
      `there is no trainer ${path}: --trainer names LLaMA-Factory's llamafactory-cli, or leave it out.`,
    );
  return { command: [path], env: {}, path: null };
}
