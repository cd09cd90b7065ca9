import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";

const execute = promisify(execFile);

/** Python in a new virtual environment with packages from PyPI; with a warm cache that takes some ten seconds. */
export async function pythonOf(packages: string[]): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "boardroom-python-")), "venv");
  const python = join(folder, "bin", "python");
  await execute("python3", ["-m", "venv", "--without-pip", folder]);
  const install = ["--quiet", "--retries", "0", "--disable-pip-version-check", ...packages];
  await execute("python3", ["-m", "pip", "--python", python, "install", ...install]);
  return python;
}

/** The same for a test, which says so and is skipped where there is no Python or no PyPI. */
export async function pythonWith(packages: string[], context: TestContext): Promise<string> {
  try {
    return await pythonOf(packages);
  } catch (error) {
    const why = (error as Error).message.split("\n")[0];
    return context.skip(`no Python with ${packages.join(", ")} here: ${why}`);
  }
}
