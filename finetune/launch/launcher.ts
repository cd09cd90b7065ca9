import type { Writable } from "node:stream";
import type { Run, RunFiles } from "../files.ts";

/** Where a run trains. */
export const places = ["local", "slurm", "skypilot"] as const;
export type Place = (typeof places)[number];

/** The trainer as a program: called as `<command> train train.yaml` in the run's folder. */
export interface Trainer {
  command: string[];
  env: Record<string, string>;
  /** Put before PATH: torchrun is looked up there. */
  path: string | null;
}

/** A run and the machines that it is to be trained on: all that a launcher's files depend on. */
export interface LaunchPlan extends Run {
  nodes: number;
  /** Of each node; 0: the recipe trains on the CPU. */
  gpus: number;
  /** Their kind as SkyPilot names it, such as `A100-80GB`; null on the CPU. */
  gpu: string | null;
  trainer: Trainer;
  /** What a rented machine installs, in pip's words. */
  pins: readonly string[];
  /** The longest a Slurm job may take, as sbatch reads it: "24:00:00", "2-00:00:00". */
  time: string;
  /** Further options of sbatch, such as `--partition=gpu`. */
  sbatch: readonly string[];
  /** Where torchrun's nodes meet. A scheduler says who is who; on `local` with several nodes the user does. */
  port: number;
  address: string;
  /** Of this machine among the nodes, from 0. */
  rank: number;
}

/** What a plan says that names no more. */
export const defaultStart = {
  trainer: { command: ["llamafactory-cli"], env: {}, path: null },
  time: "24:00:00",
  sbatch: [],
  port: 29_500,
  address: "127.0.0.1",
  rank: 0,
} satisfies Partial<LaunchPlan>;

/**
 * What starts, and later finds, a run: see run.ts. A Slurm job without a number was handed to sbatch, and what came of
 * that is not known.
 */
export type Handle =
  | { on: "local"; pid: number; started: string }
  | { on: "slurm"; job: string | null; cluster?: string | undefined }
  | { on: "skypilot"; cluster: string; job: string | null };

/** A run that was started. */
export interface StartedRun<P extends Place = Place> {
  run: string;
  folder: string;
  handle: Extract<Handle, { on: P }>;
}

/**
 * `waiting` in a queue or being set up; `done` exit code 0; `failed` by the trainer itself; `cancelled` by the user;
 * `stopped` from outside (killed, preempted, out of time): the same launch command resumes it; `unknown`: whoever was
 * asked does not know.
 */
const states = ["waiting", "running", "done", "failed", "cancelled", "stopped", "unknown"] as const;
export type State = (typeof states)[number];

export interface Status {
  state: State;
  /** One sentence. */
  detail: string;
  exitCode: number | null;
}

export const isOver = ({ state }: Status): boolean => !["waiting", "running", "unknown"].includes(state);

/** A run may have been started, and nobody can say: it must not be started again before that is known. */
export class SubmissionUnclear extends Error {}

/** One way of getting a run trained. Errors are one sentence, for the user. */
export interface Launcher<P extends Place = Place> {
  readonly on: P;
  /** What it adds to the files of the run; pure. */
  files(plan: LaunchPlan): RunFiles;
  /** What starts the run in its folder, for people to read; pure. */
  commands(plan: LaunchPlan): string[];
  /** Throws where this machine cannot start such a run; asked before anything is written. */
  check(plan: LaunchPlan): Promise<void>;
  /** Recorded before `submit`, where a launch that is killed in between could leave a job that nobody knows. */
  submitting?(plan: LaunchPlan): Extract<Handle, { on: P }>;
  /**
   * Starts what `files` wrote into the folder; `printed` gets what the program that does it prints. Throws
   * SubmissionUnclear where it may have been started all the same.
   */
  submit(plan: LaunchPlan, folder: string, printed: Writable): Promise<Extract<Handle, { on: P }>>;
  status(placed: StartedRun<P>): Promise<Status>;
  /** Writes what the trainer printed to `out`; with `follow`, on until the run ends or the signal comes. */
  logs(
    placed: StartedRun<P>,
    /** `notes`: what the program that fetches the log says beside it. */
    { out, notes }: { out: Writable; notes: Writable },
    options: { follow: boolean; signal?: AbortSignal },
  ): Promise<void>;
  /** Says what was done. */
  cancel(placed: StartedRun<P>): Promise<string>;
}
