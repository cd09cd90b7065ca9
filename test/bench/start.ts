/** What commands that run no graph take to start, in processor time, beside Node's own start in the same minute. */
import { join } from "node:path";
import { execaSync } from "execa";
import { packageRoot } from "../../paths.ts";

const ROUNDS = 9;
const cli = [join(packageRoot, "cli", "boardroom.mjs")];
const starts: Record<string, string[]> = {
  node: ["-e", ""],
  "--help": [...cli, "--help"],
  "solve --help": [...cli, "solve", "--help"],
  "eval --help": [...cli, "eval", "--help"],
  "curate --help": [...cli, "curate", "--help"],
  "finetune plan --help": [...cli, "finetune", "plan", "--help"],
  "finetune status": [...cli, "finetune", "status"],
  models: [...cli, "models"],
  "prompts list": [...cli, "prompts", "list"],
  "traces ls": [...cli, "traces", "ls"],
  'import "boardroom"': [
    "--input-type=module",
    "-e",
    `await import(${JSON.stringify(join(packageRoot, "dist/index.js"))})`,
  ],
};

/** User and system time of a program and its children, in ms. */
function processorTime(args: string[]): number {
  const timed = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1';
  const { stderr } = execaSync("bash", ["-c", timed, "bash", process.execPath, ...args]);
  return (
    1000 *
    stderr
      .trim()
      .split(" ")
      .map(Number)
      .reduce((sum, seconds) => sum + seconds, 0)
  );
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

export default async function startBench(): Promise<void> {
  const times = new Map(Object.keys(starts).map((name) => [name, [] as number[]]));
  // In turns, so that a busy minute weighs on all alike.
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, args] of Object.entries(starts)) times.get(name)!.push(processorTime(args));
  const bare = median(times.get("node")!);
  console.log("start                    ms   beyond node   times node");
  for (const [name, values] of times) {
    const ms = median(values);
    const figures = [
      ms.toFixed(0).padStart(4),
      (ms - bare).toFixed(0).padStart(11),
      (ms / bare).toFixed(2).padStart(12),
    ];
    console.log(name.padEnd(22), ...figures);
  }
}
