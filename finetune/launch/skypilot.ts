import { basename } from "node:path";
import type { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { stringify } from "yaml";
import { pinnedExtras } from "../environment.ts";
import { DATA, packagesFor } from "../files.ts";
import { lastLine } from "../script.ts";
import { diskNeeded, stepsOf } from "./disk.ts";
import type { Launcher, LaunchPlan, State, Status } from "./launcher.ts";
import { leaveExitCode, shellQuote } from "./shell.ts";
import { torchrunVariables } from "./torchrun.ts";

const SCRIPT = "sky.yaml";

/** The run's folder on the cluster. */
const remote = (run: string) => `~/finetune/${run}`;

const launchArguments = (run: string) => ["launch", "-c", run, SCRIPT, "-y", "-d"];

/** A cluster that SkyPilot rents. Its trainer is installed there; log and weights stay on its disk until fetched. */
export const skypilot: Launcher<"skypilot"> = {
  on: "skypilot",
  files: (plan) => ({ [SCRIPT]: task(plan) }),
  commands: ({ name }) => [`sky ${launchArguments(name).join(" ")}`],

  async check() {
    await sky(["--version"]);
  },

  async submit({ name }, folder, printed) {
    const { stdout, stderr, exitCode } = await sky(launchArguments(name), { cwd: folder, printed });
    if (exitCode !== 0) throw new Error(`sky launch failed: ${lastSentence(stderr || stdout)}`);
    const job = /Job submitted, ID: (\d+)/.exec(`${stdout}\n${stderr}`)?.[1] ?? null;
    return { on: "skypilot", cluster: name, job };
  },

  async status({ handle: { cluster, job } }) {
    const { stdout, stderr, exitCode } = await sky(["queue", cluster]);
    if (exitCode !== 0)
      return {
        state: "unknown",
        detail: `sky queue ${cluster} failed: ${lastSentence(stderr || stdout)}`,
        exitCode: null,
      };
    return statusIn(stdout, cluster, job);
  },

  async logs({ handle: { cluster, job } }, { out, notes }, { follow, signal }) {
    const running = execa(
      "sky",
      ["logs", cluster, ...(job ? [job] : []), ...(follow ? [] : ["--no-follow"])],
      {
        reject: false,
        stdin: "ignore",
        buffer: false,
        ...(signal && { cancelSignal: signal }),
      },
    );
    running.stdout.pipe(out, { end: false });
    running.stderr.pipe(notes, { end: false });
    await running;
  },

  async cancel({ handle: { cluster, job } }) {
    const { exitCode, stdout, stderr } = await sky(["cancel", cluster, ...(job ? [job] : ["--all"]), "-y"]);
    if (exitCode !== 0) throw new Error(`sky cancel failed: ${lastSentence(stderr || stdout)}`);
    return `the job on ${cluster} was cancelled; the cluster still costs money and holds the checkpoints: \`sky down ${cluster}\` ends it.`;
  },
};

async function sky(args: string[], { cwd, printed }: { cwd?: string; printed?: Writable } = {}) {
  const { stdout, stderr, exitCode, code } = await execa("sky", args, {
    reject: false,
    stdin: "ignore",
    stdout: printed ? ["pipe", printed] : "pipe",
    stderr: printed ? ["pipe", printed] : "pipe",
    ...(cwd && { cwd }),
  });
  if (code === "ENOENT")
    throw new Error("SkyPilot is not installed: pip install skypilot, then sky check, then launch again.");
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
}

/** What sky said last, as a sentence. */
function lastSentence(text: string): string {
  const line = lastLine(stripVTControlCharacters(text));
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** SkyPilot's JobStatus. */
const descriptions: Record<string, [State, string]> = {
  INIT: ["waiting", "is being submitted"],
  PENDING: ["waiting", "waits for the cluster's GPUs"],
  SETTING_UP: ["waiting", "installs the trainer"],
  RUNNING: ["running", "is training"],
  SUCCEEDED: ["done", "finished"],
  FAILED: ["failed", "failed"],
  FAILED_SETUP: ["failed", "failed while installing the trainer"],
  FAILED_DRIVER: ["stopped", "lost its driver (memory, or the machine): resume with the same launch command"],
  CANCELLED: ["cancelled", "was cancelled"],
};

/** From the table of `sky queue`: the row of the job, else of the newest. */
function statusIn(table: string, cluster: string, job: string | null): Status {
  const rows = stripVTControlCharacters(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([id]) => /^\d+$/.test(id ?? ""))
    .sort(([a], [b]) => Number(b) - Number(a));
  const row = job ? rows.find(([id]) => id === job) : rows[0];
  const name = row?.find((word) => word in descriptions);
  if (!row || !name)
    return { state: "unknown", detail: `sky queue ${cluster} does not list the job.`, exitCode: null };
  const [state, words] = descriptions[name]!;
  return { state, detail: `job ${row[0]} on ${cluster} ${words}.`, exitCode: state === "done" ? 0 : null };
}

/** GB beside checkpoints and final weights: the system, the environment, the base's weights. */
const spareGb = (parameters: number) => 100 + (2 * parameters) / 1e9;

function task(plan: LaunchPlan): string {
  const { name, recipe, nodes, gpus, gpu, pins } = plan;
  const folder = remote(name);
  const variables = torchrunVariables(plan, {
    nodes: '"$SKYPILOT_NUM_NODES"',
    rank: '"$SKYPILOT_NODE_RANK"',
    address: `"$(echo "$SKYPILOT_NODE_IPS" | head -n 1)"`,
    port: `${plan.port}`,
    processes: '"$SKYPILOT_NUM_GPUS_PER_NODE"',
  });
  const { deepspeed } = recipe.train;
  const carried = [DATA, "train.yaml", ...(deepspeed ? [basename(deepspeed)] : [])];
  const extras = pinnedExtras(packagesFor(recipe));
  const activate = "source ~/finetune/venv/bin/activate";
  const setup = [
    "python3 -m venv ~/finetune/venv",
    activate,
    `pip install ${pins.map(shellQuote).join(" ")}`,
    // They compile against the torch that was just installed.
    ...(extras.length > 0 ? [`pip install --no-build-isolation ${extras.map(shellQuote).join(" ")}`] : []),
  ];
  const train = [
    `cd ${folder}`,
    "rm -f exit",
    activate,
    ...variables.map((word) => `export ${word}`),
    "llamafactory-cli train train.yaml",
    ...leaveExitCode,
  ];
  const bytes = diskNeeded({ ...recipe.base, train: recipe.train, steps: stepsOf(plan) });
  return stringify(
    {
      name,
      num_nodes: nodes,
      resources: {
        ...(gpus > 0 && { accelerators: `${gpu}:${gpus}` }),
        disk_size: Math.ceil(bytes / 1e9 + spareGb(recipe.base.parameters)),
      },
      file_mounts: Object.fromEntries(carried.map((file) => [`${folder}/${file}`, `./${file}`])),
      setup: `${setup.join("\n")}\n`,
      run: `${train.join("\n")}\n`,
    },
    { lineWidth: 0 },
  );
}
