import { join } from "node:path";
import { execa } from "execa";
import { isOver, type Launcher, type LaunchPlan, type Placed, type Status } from "./launcher.ts";
import { readExit } from "./local.ts";
import { printLog } from "./log.ts";
import { environmentLines, leaveExitCode, quoted, trainCommand } from "./shell.ts";
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

  async submit(_plan, folder) {
    const { stdout, stderr, exitCode } = await slurmCommand("sbatch", ["--parsable", SCRIPT], folder);
    if (exitCode !== 0) throw new Error(`sbatch refused the job: ${sentence(stderr)}`);
    // "id" or "id;cluster"
    const job = stdout.trim().split(";")[0];
    if (!job || !/^\d+$/.test(job))
      throw new Error(`sbatch gave no job number but ${JSON.stringify(stdout)}.`);
    return { on: "slurm", job };
  },

  status: statusOfJob,

  logs(placed, out, { follow, signal }) {
    const over = async () => isOver(await statusOfJob(placed));
    return printLog(join(placed.folder, "train.log"), out, {
      until: follow ? slowly(over) : () => true,
      signal,
    });
  },

  async cancel({ handle: { job } }) {
    const { exitCode, stderr } = await slurmCommand("scancel", [job]);
    if (exitCode !== 0) throw new Error(`scancel refused: ${sentence(stderr)}`);
    return `job ${job} was cancelled.`;
  },
};

async function statusOfJob({ folder, handle: { job } }: Placed<"slurm">): Promise<Status> {
  const queued = await slurmCommand("squeue", ["--noheader", "--jobs", job, "--format", "%T|%r"]);
  const [state, why] = queued.stdout.trim().split("\n")[0]!.split("|");
  if (queued.exitCode === 0 && state) return statusOf(job, { state, ...(why && { reason: why }) });
  // A job that has left the queue is unknown to squeue; anything else says nothing about the job.
  if (queued.exitCode !== 0 && !/invalid job id/i.test(queued.stderr))
    return { state: "unknown", detail: `squeue cannot say: ${sentence(queued.stderr)}`, exitCode: null };
  const fields = ["--format", "State,ExitCode"];
  const kept = await slurmCommand("sacct", [
    "--jobs",
    job,
    "--allocations",
    "--noheader",
    "--parsable2",
    ...fields,
  ]);
  const [past, exitCode] = kept.stdout.trim().split("\n").at(-1)!.split("|");
  if (kept.exitCode === 0 && past) return statusOf(job, { state: past, ...(exitCode && { exitCode }) });
  return byExitFile(job, folder);
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

function byExitFile(job: string, folder: string): Status {
  const exitCode = readExit(folder);
  if (exitCode === null)
    return {
      state: "unknown",
      detail: `Slurm does not know job ${job} any more, and the run left no exit code.`,
      exitCode,
    };
  return exitCode === 0
    ? { state: "done", detail: `job ${job} finished.`, exitCode }
    : { state: "failed", detail: `job ${job} failed with exit code ${exitCode}.`, exitCode };
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
    `srun --ntasks-per-node=1 bash -c ${quoted([...variables, "exec", trainCommand(trainer)].join(" "))}`,
    ...leaveExitCode,
  ].join("\n")}\n`;
}
