import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { gpusHere } from "./gpus.ts";
import type { Launcher, LaunchPlan, Status } from "./launcher.ts";
import { printLog } from "./log.ts";
import { isFree } from "./port.ts";
import { endGroup, membersOf, processOf } from "./processes.ts";
import { environmentLines, leaveExitCode, trainCommand } from "./shell.ts";
import { torchrunVariables } from "./torchrun.ts";

/** What the trainer has to save and end after SIGTERM, in ms; torchrun gives its workers 30 s of it. */
const PATIENCE_MS = 40_000;

const SCRIPT = "run.sh";

/** This machine: a process group of its own, which outlives the terminal that started it. */
export const local: Launcher<"local"> = {
  on: "local",
  files: (plan) => ({ [SCRIPT]: script(plan) }),
  commands: () => [`bash ${SCRIPT}`],

  async check({ gpus, nodes, rank, port }) {
    if (gpus === 0) return;
    const here = await gpusHere();
    if (here < gpus)
      throw new DataError(
        here === 0
          ? "this machine shows no NVIDIA GPU (nvidia-smi --list-gpus), and the recipe needs one: use --on slurm or --on skypilot, or the recipe cpu-smoke."
          : `--gpus ${gpus} asks for more than the ${here} this machine has.`,
      );
    if (rank === 0 && !(await isFree(port)))
      throw new DataError(
        `port ${port}, where the ${nodes > 1 ? "nodes" : "processes"} of the run would meet, is taken: choose another with --port.`,
      );
  },

  async submit(_plan, folder) {
    const log = openSync(join(folder, "train.log"), "a");
    try {
      const child = spawn("bash", [SCRIPT], { cwd: folder, detached: true, stdio: ["ignore", log, log] });
      await once(child, "spawn");
      child.unref();
      const started = processOf(child.pid!)?.started ?? "";
      return { on: "local", pid: child.pid!, started };
    } finally {
      closeSync(log);
    }
  },

  async status({ folder, handle }) {
    // Alive first: a run that ends in between has then left its exit code.
    const alive = membersOf(handle).length > 0;
    return endedStatus(readExit(folder), alive);
  },

  logs({ folder, handle }, { out }, { follow, signal }) {
    return printLog(join(folder, "train.log"), out, {
      until: follow ? () => membersOf(handle).length === 0 : () => true,
      signal,
    });
  },

  async cancel({ handle }) {
    await endGroup(handle, PATIENCE_MS);
    return "the trainer and its processes have ended.";
  },
};

function script(plan: LaunchPlan): string {
  const { nodes, rank, address, port, trainer } = plan;
  const variables = torchrunVariables(plan, { nodes: `${nodes}`, rank: `${rank}`, address, port: `${port}` });
  return `${[
    "#!/usr/bin/env bash",
    "# Trains on this machine: boardroom finetune launch starts it in a process group of its own, and again to resume.",
    'cd "$(dirname "$0")" || exit 1',
    ...environmentLines(trainer),
    ...variables.map((word) => `export ${word}`),
    "# A signal to the group ends the trainer; this shell stays to leave its exit code.",
    "trap : HUP INT TERM",
    trainCommand(trainer),
    ...leaveExitCode,
  ].join("\n")}\n`;
}

/** The exit code that the trainer left; null: none yet, or it was killed together with its shell. */
export function readExit(folder: string): number | null {
  const file = join(folder, "exit");
  if (!existsSync(file)) return null;
  const code = Number.parseInt(readFileSync(file, "utf8"), 10);
  return Number.isInteger(code) ? code : null;
}

/** Exit codes of a shell whose command a signal ended. */
const signals: Record<number, string> = {
  130: "SIGINT",
  137: "SIGKILL (by the kernel, where memory ran out)",
  143: "SIGTERM",
};

function endedStatus(exitCode: number | null, alive: boolean): Status {
  if (exitCode === 0) return { state: "done", detail: "finished.", exitCode };
  if (exitCode !== null && signals[exitCode])
    return {
      state: "stopped",
      detail: `the trainer was ended by ${signals[exitCode]}: the same launch command resumes it.`,
      exitCode,
    };
  if (exitCode !== null)
    return { state: "failed", detail: `the trainer failed with exit code ${exitCode}.`, exitCode };
  if (alive) return { state: "running", detail: "training on this machine.", exitCode };
  return {
    state: "stopped",
    detail:
      "the trainer is gone without an exit code (killed, or the machine went down): the same launch command resumes it.",
    exitCode,
  };
}
