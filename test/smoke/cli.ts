import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { packageRoot } from "../../paths.ts";

const command = [join(packageRoot, "cli", "boardroom.mjs")];

/** Runs the built command as a user does; its stderr is shown. */
export async function boardroom(args: string[], env: Record<string, string> = {}) {
  process.stderr.write(`\n$ boardroom ${args.join(" ")}\n`);
  const { stdout, exitCode } = await execa(process.execPath, [...command, ...args], {
    env,
    stdin: "ignore",
    stderr: "inherit",
    reject: false,
  });
  return { stdout, exitCode };
}

/** The same, where only success makes sense. */
export async function done(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout, exitCode } = await boardroom(args, env);
  if (exitCode !== 0) throw new Error(`boardroom ${args.join(" ")} ended with exit code ${exitCode}`);
  return stdout;
}

/** Starts a command that goes on, until it prints its first line. */
export async function serving(args: string[]): Promise<{ line: string; stop: () => Promise<void> }> {
  process.stderr.write(`\n$ boardroom ${args.join(" ")} &\n`);
  const child = execa(process.execPath, [...command, ...args], {
    stdin: "ignore",
    stderr: "inherit",
    reject: false,
  });
  // Not execa's own iteration, whose end waits for that of the process.
  const [line] = await once(createInterface({ input: child.stdout }), "line", {
    signal: AbortSignal.timeout(300_000),
  });
  return {
    line: String(line),
    stop: async () => {
      child.kill("SIGINT");
      await child;
    },
  };
}

/** Looks again every second until there is something; throws after so many minutes. */
export async function until<T>(what: string, minutes: number, look: () => T | null): Promise<T> {
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    const found = look();
    if (found !== null) return found;
    await sleep(1_000);
  }
  throw new Error(`${what} did not come within ${minutes} minutes`);
}
