import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { withFolderLock } from "../../files/folder-lock.ts";
import { boardroomHome } from "../../paths.ts";
import { type Handle, places } from "./launcher.ts";

const StartedBy = z.discriminatedUnion("on", [
  z.object({ on: z.literal("local"), pid: z.number().int(), started: z.string() }),
  z.object({ on: z.literal("slurm"), job: z.string().nullable(), cluster: z.string().optional() }),
  z.object({ on: z.literal("skypilot"), cluster: z.string(), job: z.string().nullable() }),
]) satisfies z.ZodType<Handle>;

/** `run.json`: what a run is, and how often it was started. */
export const Run = z.object({
  format: z.literal("boardroom-run-1"),
  run: z.string(),
  on: z.enum(places),
  nodes: z.number().int(),
  gpus: z.number().int(),
  recipe: z.string(),
  /** What was given to --data. */
  data: z.string(),
  /** sha256 of the rows that it trains on. */
  dataset: z.string(),
  /** sha256 of all that decides what is trained: the rows, train.yaml, the DeepSpeed file, nodes and GPUs. */
  config: z.string(),
  /** ISO 8601. */
  created: z.string(),
  /** The trainer's program. */
  trainer: z.string(),
  /** Each start, newest last. */
  starts: z.array(z.object({ at: z.string(), handle: StartedBy })),
  /** When the user cancelled the newest start. */
  cancelled: z.string().nullable(),
});
export type Run = z.infer<typeof Run>;

const RECORD = "run.json";

/** The recipe as it was launched, with what was set anew: what is made of the run later needs it. */
export const RECIPE = "recipe.json";

export const runsFolder = (): string => join(boardroomHome(), "finetune");
export const runFolder = (run: string): string => join(runsFolder(), run);

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/** Folders that stand beside those of runs: bases of recipes, environments of the trainer. */
const RESERVED = /^(bases|venv.*)$/;

/** Throws DataError: a run's name is a folder's, a Slurm job's and a cluster's. */
export function refuseBadName(run: string): void {
  if (!NAME.test(run) || RESERVED.test(run))
    throw new DataError(
      `${JSON.stringify(run)} cannot name a run: that takes up to 63 letters, digits, ".", "_" and "-", a letter or digit first and last, and not "bases" or "venv…".`,
    );
}

export const isRun = (run: string): boolean => existsSync(join(runFolder(run), RECORD));

/** Throws DataError where there is no such run, and where its record cannot be read. */
export function readRun(run: string): Run {
  if (!NAME.test(run) || !isRun(run)) {
    const known = runNames();
    throw new DataError(
      `there is no run ${run}: ${known.length > 0 ? `there are ${known.join(", ")}` : "none was launched yet"}.`,
    );
  }
  const file = join(runFolder(run), RECORD);
  const text = readFileSync(file, "utf8");
  if (text.trim() === "") throw unreadable(run, "is empty");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(run, "is cut or damaged: it is no JSON");
  }
  const { success, data, error } = Run.safeParse(value);
  if (!success) {
    const issue = error.issues[0];
    throw unreadable(
      run,
      `is not what finetune launch writes (${issue?.path.join(".") || "the file"}: ${issue?.message})`,
    );
  }
  if (data.run !== run) throw unreadable(run, `is of another run, ${data.run}`);
  return data;
}

const unreadable = (run: string, why: string): DataError =>
  new DataError(
    `${join(runFolder(run), RECORD)} ${why}. What the run left is in its folder: put the file back from a copy, or move the folder away to launch a run of this name anew.`,
  );

/** Throws DataError where a folder of this name stands that is no run: it must not be trained in, and may hold checkpoints. */
export function refuseForeignFolder(run: string): void {
  const folder = runFolder(run);
  if (isRun(run) || !existsSync(folder)) return;
  throw new DataError(
    `${folder} is there and has no ${RECORD}, so it cannot be gone on with: put the file back from a copy, move the folder away, or choose another --name.`,
  );
}

export function writeRun(folder: string, run: Run): void {
  const file = join(folder, RECORD);
  writeFileSync(`${file}.part`, `${JSON.stringify(run, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

export const runNames = (): string[] =>
  existsSync(runsFolder())
    ? readdirSync(runsFolder())
        .filter((name) => NAME.test(name) && isRun(name))
        .sort()
    : [];

/** Runs `work` while no other process launches this run, whose folder may not be there yet. Throws FolderInUse. */
export const withRunLock = <T>(run: string, work: () => Promise<T>): Promise<T> =>
  withFolderLock(runFolder(run), `Run ${run}`, work, join(runsFolder(), `.${run}.lock`));
