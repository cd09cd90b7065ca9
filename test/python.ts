import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { packageRoot } from "../paths.ts";

const execute = promisify(execFile);

/**
 * Python in a virtual environment with packages from PyPI, which is kept for the next time in node_modules/.cache. To make one
 * takes some ten seconds where pip has the packages at hand.
 */
export async function pythonOf(packages: string[]): Promise<string> {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const kept = join(packageRoot, "node_modules", ".cache", "boardroom-python", name);
  if (!existsSync(kept)) await make(kept, packages);
  return join(kept, "bin", "python");
}

/** Under another name first: what is there is whole, even where two make it at once or one is killed. */
async function make(kept: string, packages: string[]): Promise<void> {
  mkdirSync(dirname(kept), { recursive: true });
  const folder = mkdtempSync(`${kept}.`);
  await execute("python3", ["-m", "venv", "--without-pip", folder]);
  const install = ["--quiet", "--retries", "0", "--disable-pip-version-check", ...packages];
  await execute("python3", ["-m", "pip", "--python", join(folder, "bin", "python"), "install", ...install]);
  await rename(folder, kept).catch((error) => {
    if (!existsSync(kept)) throw error;
  });
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
