import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";

const execute = promisify(execFile);

/**
 * Python in a virtual environment of its own, with packages from PyPI; with a warm cache that takes some ten seconds. Where
 * there is no Python or no PyPI, the test says so and is skipped.
 */
export async function pythonWith(packages: string[], context: TestContext): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "boardroom-python-")), "venv");
  const python = join(folder, "bin", "python");
  try {
    await execute("python3", ["-m", "venv", "--without-pip", folder]);
    const install = ["--quiet", "--retries", "0", "--disable-pip-version-check", ...packages];
    await execute("python3", ["-m", "pip", "--python", python, "install", ...install]);
  } catch (error) {
    context.skip(`no Python with ${packages.join(", ")} here: ${(error as Error).message.split("\n")[0]}`);
  }
  return python;
}
