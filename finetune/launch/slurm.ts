import { realpathSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import {
  type Handle,
  isOver,
  type Launcher,
  type LaunchPlan,
  type StartedRun,
  type Status,
  SubmissionUnclear,
} from "./launcher.ts";
import { readExit } from "./local.ts";
import { printLog } from "./log.ts";
import { environmentLines, leaveExitCode, shellQuote, trainCommand } from "./shell.ts";
import { clusterAsked, jobIn, lastRow } from "./slurm-output.ts";
import { statusOf } from "./slurm-states.ts";
import { torchrunVariables } from "./torchrun.ts";

const SCRIPT = "job.sbatch";

/** One task would otherwise get one core, and ZeRO's offload needs the host's memory. */
const wholeNodes = ["--exclusive", "--mem=0"];

/** A Slurm cluster whose nodes see the run's folder at the same path, as clusters with a shared home do. */
export const slurm: Launcher<"slurm"> = {
  on: "slurm",
  files: (plan) => ({ [SCRIPT]: script(plan) }),
  commands: () => [`sbatch --parsable ${SCRIPT}`],

  async check() {
    await slurmCommand("sbatch", ["--version"]);
  },

  submitting: ({ sbatch }) => slurmHandle(null, clusterAsked(sbatch)),

  async submit({ name, sbatch }, folder) {
    const { stdout, stderr, exitCode } = await slurmCommand("sbatch", ["--parsable", SCRIPT], folder);
    const submitted = jobIn(stdout);
    if (submitted) return slurmHandle(submitted.job, submitted.cluster ?? clusterAsked(sbatch));
    if (exitCode !== undefined && exitCode !== 0 && !mayHaveArrived.test(stderr))
      throw new Error(`sbatch refused the job: ${sentence(stderr)}`);
    const cluster = clusterAsked(sbatch);
    const queued = await queuedIn(folder, cluster).catch(() => null);
    if (queued) return slurmHandle(queued.job, cluster);
    throw new SubmissionUnclear(
      `sbatch gave no job number that can be read but ${JSON.stringify(stdout.trim().slice(-500) || stderr.trim().slice(-500))}, and no job of ${folder} was found in the queue. ${toFind(name)}`,
    );
  },

  status: statusOfJob,

  logs(placed, { out }, { follow, signal }) {
    const over = async () => isOver(await statusOfJob(placed));
    return printLog(join(placed.folder, "train.log"), out, {
      until: follow ? slowly(over) : () => true,
      signal,
    });
  },

  async cancel({ run, folder, handle: { job, cluster } }) {
    const number = job ?? (await queuedIn(folder, cluster))?.job;
    if (number === undefined)
      return `the queue shows no job of ${folder}, so there was none to cancel. ${toFind(run)}`;
    const { exitCode, stderr } = await slurmCommand("scancel", [...onCluster(cluster), number]);
    if (exitCode !== 0) throw new Error(`scancel refused: ${sentence(stderr)}`);
    return `job ${number} was cancelled.`;
  },
};

const slurmHandle = (job: string | null, cluster?: string): Extract<Handle, { on: "slurm" }> => ({
  on: "slurm",
  job,
  ...(cluster && { cluster }),
});

/** Jobs of other clusters of a federation are known only to whoever asks those. */
const onCluster = (cluster: string | undefined): string[] => (cluster ? ["--clusters", cluster] : []);

/** Words with which sbatch ends although the controller may have taken the job. */
const mayHaveArrived = /timed out|zero bytes/i;

const toFind = (run: string): string =>
  `Look for it with squeue --me --name=${run} and sacct --name=${run}, and end it with scancel --me --name=${run}.`;

/** The job in the queue that was submitted in this folder; null: the queue has none. Throws where it does not answer. */
async function queuedIn(
  folder: string,
  cluster: string | undefined,
): Promise<{ job: string; state: string; reason: string } | null> {
  const user = ["--user", String(process.getuid?.() ?? process.env.USERNAME)];
  const { stdout, stderr, exitCode } = await slurmCommand("squeue", [
    ...onCluster(cluster),
    ...user,
    ...["--noheader", "--format", "%i|%T|%r|%Z"],
  ]);
  if (exitCode !== 0) throw new SubmissionUnclear(`squeue cannot say: ${sentence(stderr)}`);
  const real = realpathSync(folder);
  for (const line of stdout.split("\n")) {
    const [, job, state, reason, place] = /^\s*(\d+)\|([A-Z_]+)\|([^|]*)\|(.*)$/.exec(line) ?? [];
    if (job && (place === folder || place === real)) return { job, state: state!, reason: reason! };
  }
  return null;
}

async function statusOfJob(placed: StartedRun<"slurm">): Promise<Status> {
  const { job, cluster } = placed.handle;
  if (job === null) return statusOfUnnumbered(placed);
  const where = onCluster(cluster);
  const queued = await slurmCommand("squeue", [
    ...where,
    ...["--noheader", "--jobs", job, "--format", "%T|%r"],
  ]);
  const [state, reason] = lastRow(queued.stdout, /^[A-Z_]+\|/);
  if (queued.exitCode === 0 && state) return statusOf(job, { state, ...(reason && { reason }) });
  // A job that has left the queue is unknown to squeue; anything else says nothing about the job.
  if (queued.exitCode !== 0 && !/invalid job id/i.test(queued.stderr))
    return { state: "unknown", detail: `squeue cannot say: ${sentence(queued.stderr)}`, exitCode: null };
  const kept = await slurmCommand("sacct", [
    ...where,
    ...["--jobs", job, "--allocations", "--noheader", "--parsable2", "--format", "State,ExitCode"],
  ]);
  const [past, exitCode] = lastRow(kept.stdout, /^[A-Z_]+\+?( by \d+)?\|/);
  if (kept.exitCode === 0 && past) return statusOf(job, { state: past, ...(exitCode && { exitCode }) });
  return byExitFile(`job ${job}`, placed.folder);
}

/** Of a job whose number could not be read when it was submitted, or whose launch was killed then. */
async function statusOfUnnumbered({ run, folder, handle }: StartedRun<"slurm">): Promise<Status> {
  try {
    const queued = await queuedIn(folder, handle.cluster);
    if (queued) return statusOf(queued.job, queued);
  } catch (error) {
    if (!(error instanceof SubmissionUnclear)) throw error;
    return { state: "unknown", detail: error.message, exitCode: null };
  }
  const status = byExitFile("its job", folder);
  return status.state === "unknown"
    ? { ...status, detail: `it was handed to Slurm and its job number is not known. ${toFind(run)}` }
    : status;
}

/** At most one question in ten seconds: squeue is the whole cluster's. */
function slowly(ask: () => Promise<boolean>): () => Promise<boolean> {
  let asked = 0;
  let answer = false;
  return async () => {
    if (Date.now() - asked < 10_000) return answer;
    asked = Date.now();
    answer = await ask();
    return answer;
  };
}

async function slurmCommand(name: string, args: string[], cwd?: string) {
  const { stdout, stderr, exitCode, code } = await execa(name, args, {
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
    ...(cwd && { cwd }),
  });
  if (code === "ENOENT")
    throw new Error(
      `there is no ${name} here: run this on a login node of the Slurm cluster, or use --on local.`,
    );
  return { stdout, stderr, exitCode };
}

/** Slurm's own words: "sbatch: error: Batch job submission failed: Invalid account" without what stands before. */
function sentence(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /\S/.test(line));
  const errors = lines.filter((line) => /error/i.test(line));
  const text = (errors.length > 0 ? errors : lines)
    .map((line) => line.replace(/^\w+: (error: )?/, "").trim())
    .join(" ");
  return text === "" ? "it gave no reason." : /[.!?]$/.test(text) ? text : `${text}.`;
}

function byExitFile(what: string, folder: string): Status {
  const exitCode = readExit(folder);
  if (exitCode === null)
    return {
      state: "unknown",
      detail: `Slurm does not know ${what} any more, and the run left no exit code.`,
      exitCode,
    };
  return exitCode === 0
    ? { state: "done", detail: `${what} finished.`, exitCode }
    : { state: "failed", detail: `${what} failed with exit code ${exitCode}.`, exitCode };
}

/** Options by which the user says what of a node the job gets: then the whole of it is not asked for. */
const shares = /^(--(exclusive|oversubscribe|share|mem|cpus?|cores)\b|-[sc](\b|\d))/;

function optionsOf({ sbatch }: LaunchPlan): readonly string[] {
  return sbatch.some((option) => shares.test(option)) ? sbatch : [...wholeNodes, ...sbatch];
}

function script(plan: LaunchPlan): string {
  const { name, nodes, gpus, time, trainer } = plan;
  const variables = torchrunVariables(plan, {
    nodes: '"$SLURM_NNODES"',
    rank: '"$SLURM_PROCID"',
    address: '"$MASTER_ADDR"',
    port: '"$MASTER_PORT"',
  });
  return `${[
    "#!/usr/bin/env bash",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --nodes=${nodes}`,
    "#SBATCH --ntasks-per-node=1",
    ...(gpus > 0 ? [`#SBATCH --gpus-per-node=${gpus}`] : []),
    `#SBATCH --time=${time}`,
    ...optionsOf(plan).map((option) => `#SBATCH ${option}`),
    "#SBATCH --output=train.log",
    "#SBATCH --open-mode=append",
    "# A preempted job goes back into the queue; LLaMA-Factory goes on from its last checkpoint.",
    "#SBATCH --requeue",
    'cd "$SLURM_SUBMIT_DIR" || exit 1',
    "rm -f exit",
    ...environmentLines(trainer),
    'MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
    "# Jobs that share a node must not meet at the same port.",
    "MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))",
    "export MASTER_ADDR MASTER_PORT",
    `srun --ntasks-per-node=1 bash -c ${shellQuote([...variables, "exec", trainCommand(trainer)].join(" "))}`,
    ...leaveExitCode,
  ].join("\n")}\n`;
}
