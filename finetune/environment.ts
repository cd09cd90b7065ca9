import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { DataError } from "../benchmarks/rows.ts";
import { withLock } from "../models/weights/lock.ts";
import { boardroomHome, packageRoot } from "../paths.ts";
import { formatGigabytes, freeSpace } from "./launch/disk.ts";
import { gpusHere } from "./launch/gpus.ts";
import { lastLine } from "./script.ts";

/** A Python of its own in which LLaMA-Factory runs. */
export interface Environment {
  folder: string;
  python: string;
  /** `llamafactory-cli`. */
  trainer: string;
}

interface EnvironmentOptions {
  /** Names in requirements-extras.txt that a recipe needs besides (files.ts, packagesFor). */
  extras?: readonly string[];
  say?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const scripts = join(packageRoot, "finetune", "python");
const systemPython = process.platform === "win32" ? "python" : "python3";
const LEAST_PYTHON = 11;
/** What an environment takes on the disk, in bytes: measured for the CPU build of torch; CUDA's libraries are larger. */
const ROOM = { cpu: 3e9, cuda: 12e9 };
/** Written last, into an environment that is whole. */
const STAMP = "boardroom-complete";

const read = (name: string): string => readFileSync(join(scripts, name), "utf8");

/** The lines of the requirements that say what the pattern asks for. */
export const pinnedRequirements = (wanted: RegExp): string[] =>
  ["requirements.txt", "requirements-nodeps.txt"].flatMap((name) =>
    read(name)
      .split("\n")
      .filter((line) => wanted.test(line)),
  );

/** The pinned lines of the extras that are asked for. */
export function pinnedExtras(names: readonly string[]): string[] {
  const lines = read("requirements-extras.txt").split("\n");
  return [...names].sort().map((name) => {
    const line = lines.find((each) => each.startsWith(`${name}==`));
    if (!line) throw new Error(`requirements-extras.txt pins no ${name}`);
    return line;
  });
}

/** Named by what is in it: other requirements make another environment, and the old one stays as it is. */
function environmentFolder(extras: readonly string[] = []): string {
  const made = [read("requirements.txt"), read("requirements-nodeps.txt"), ...pinnedExtras(extras)];
  const hash = createHash("sha256").update(made.join("\0")).digest("hex").slice(0, 12);
  return join(boardroomHome(), "finetune", `venv-${hash}`);
}

function at(folder: string): Environment {
  const bin = join(folder, process.platform === "win32" ? "Scripts" : "bin");
  return { folder, python: join(bin, "python"), trainer: join(bin, "llamafactory-cli") };
}

/** Where an environment is, or will be once it is made. */
export const plannedEnvironment = (extras: readonly string[] = []): Environment =>
  at(environmentFolder(extras));

/** The environment where it is whole already. */
function presentEnvironment(extras: readonly string[] = []): Environment | null {
  const folder = environmentFolder(extras);
  return existsSync(join(folder, STAMP)) ? at(folder) : null;
}

/**
 * Makes the trainer's environment with `python3 -m venv` and pip, once; what was broken off is gone on with. Takes a
 * minute or two and 1.7 GB with torch's CPU build, several times that with CUDA's. Throws a sentence that says what is missing.
 */
export async function ensureEnvironment(options: EnvironmentOptions = {}): Promise<Environment> {
  const { extras = [], signal } = options;
  const present = presentEnvironment(extras);
  if (present) return present;
  const folder = environmentFolder(extras);
  await mkdir(join(boardroomHome(), "finetune"), { recursive: true });
  const make = async () => {
    if (!presentEnvironment(extras)) await makeEnvironment(folder, options);
  };
  await withLock(`${folder}.lock`, make, signal);
  return at(folder);
}

async function makeEnvironment(folder: string, { extras = [], say, signal }: EnvironmentOptions) {
  await requirePython(signal);
  await requireRoom(folder);
  const environment = at(folder);
  say?.(`making the trainer's environment in ${folder} (once)`);
  const run = (what: string, command: string, args: string[]) => step(what, command, args, { say, signal });
  if (!existsSync(environment.python)) await run("python3 -m venv", systemPython, ["-m", "venv", folder]);
  const pip = (...args: string[]) =>
    run("pip", environment.python, [
      ...["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"],
      ...args,
    ]);
  await pip("-r", join(scripts, "requirements.txt"));
  await pip("--no-deps", "-r", join(scripts, "requirements-nodeps.txt"));
  // They compile against the torch that was just installed.
  if (extras.length > 0) await pip("--no-build-isolation", ...pinnedExtras(extras));
  const site = await step(
    "python",
    environment.python,
    ["-c", 'import sysconfig; print(sysconfig.get_path("purelib"))'],
    { signal },
  );
  await cp(join(scripts, "stubs"), site, { recursive: true });
  try {
    await run("the trainer", environment.python, ["-c", "import llamafactory.train.tuner"]);
  } catch (error) {
    signal?.throwIfAborted();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await writeFile(join(folder, STAMP), `${new Date().toISOString()}\n`);
  say?.("the trainer's environment is ready");
}

async function requirePython(signal?: AbortSignal): Promise<void> {
  const probe =
    "import sys, venv, ensurepip; print(sys.version_info.minor if sys.version_info.major == 3 else 0)";
  const { exitCode, stdout, code } = await execa(systemPython, ["-c", probe], {
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  const wanted = `the trainer needs Python 3.${LEAST_PYTHON} or newer`;
  if (code === "ENOENT") throw new DataError(`${wanted}, and there is no ${systemPython} on the PATH.`);
  if (exitCode !== 0)
    throw new DataError(
      `${wanted} with venv and pip: ${systemPython} lacks them (on Debian: apt install python3-venv).`,
    );
  if (Number(stdout) < LEAST_PYTHON)
    throw new DataError(
      `${wanted}: ${systemPython} is 3.${stdout.trim()}; put a newer one first on the PATH.`,
    );
}

async function requireRoom(folder: string): Promise<void> {
  const needed = (await gpusHere()) > 0 ? ROOM.cuda : ROOM.cpu;
  const free = freeSpace(folder);
  if (free < needed)
    throw new DataError(
      `the trainer's environment takes ${formatGigabytes(needed)}, and ${boardroomHome()} has ${formatGigabytes(free)} free: set BOARDROOM_HOME to a larger disk.`,
    );
}

/** What pip says that shows it is at work. */
const NEWS = /^(Collecting \S+|Installing collected packages|Successfully installed)/;

/** Runs one step to its end and returns its last line; its news go to `say`. Throws its last line. */
async function step(
  what: string,
  command: string,
  args: string[],
  { say, signal }: Pick<EnvironmentOptions, "say" | "signal">,
): Promise<string> {
  const child = execa(command, args, {
    all: true,
    reject: false,
    stdin: "ignore",
    ...(signal && { cancelSignal: signal }),
  });
  for await (const line of child.iterable({ from: "all" })) {
    const news = NEWS.exec(line);
    if (news) say?.(`pip: ${news[0].toLowerCase()}`);
  }
  const { exitCode, all } = await child;
  signal?.throwIfAborted();
  if (exitCode !== 0)
    throw new Error(`the trainer's environment cannot be made: ${what} ended with ${lastLine(all)}`);
  return lastLine(all);
}
