import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Command } from "commander";
import { exitCodeOf } from "../../cli/fail.ts";
import { addFinetune } from "../../cli/finetune.ts";
import type { Run } from "../../finetune/launch/run.ts";
import { packageRoot } from "../../paths.ts";
import { boardroom, type Ended } from "../cli/boardroom.ts";

export const standIn = join(packageRoot, "test", "finetune", "stand-in-trainer.mjs");
const commands = join(packageRoot, "test", "finetune");

/** A home of its own with the stand-in trainer, and stand-in commands of `folders` first on the PATH. */
export function finetuneHome(...folders: string[]) {
  const home = mkdtempSync(join(tmpdir(), "boardroom-finetune-"));
  const path = [...folders.map((folder) => join(commands, folder)), process.env.PATH].join(delimiter);
  const own = { BOARDROOM_HOME: home, BOARDROOM_TRAINER: standIn, PATH: path };
  const folderOf = (run: string) => join(home, "finetune", run);
  return {
    home,
    folderOf,
    /** The built command in a process of its own. */
    command: (args: string[], env: Record<string, string> = {}): Promise<Ended> =>
      boardroom(["finetune", ...args], { ...own, ...env }),
    /** The same in this process, a second faster; one at a time. */
    finetune: (args: string[], env: Record<string, string> = {}): Promise<Ended> =>
      inProcess(args, { ...own, ...env }),
    text: (run: string, file: string) => readFileSync(join(folderOf(run), file), "utf8"),
    has: (run: string, file: string) => existsSync(join(folderOf(run), file)),
    record: (run: string): Run => JSON.parse(readFileSync(join(folderOf(run), "run.json"), "utf8")),
  };
}

async function inProcess(args: string[], env: Record<string, string>): Promise<Ended> {
  const ended = { stdout: "", stderr: "" };
  const before = { ...process.env };
  const { stdout, stderr } = process;
  const writes = { stdout: stdout.write, stderr: stderr.write };
  const caught =
    (name: "stdout" | "stderr") =>
    (text: string | Uint8Array, ...rest: unknown[]) => {
      ended[name] += text.toString();
      for (const done of rest) if (typeof done === "function") done();
      return true;
    };
  Object.assign(process.env, env);
  Object.assign(stdout, { write: caught("stdout") });
  Object.assign(stderr, { write: caught("stderr") });
  process.exitCode = 0;
  try {
    const program = new Command("boardroom").exitOverride();
    addFinetune(program);
    await program.parseAsync(["node", "boardroom", "finetune", ...args]);
    return { code: Number(process.exitCode), ...ended };
  } catch (error) {
    const code = exitCodeOf(error);
    return { code, ...ended };
  } finally {
    Object.assign(stdout, { write: writes.stdout });
    Object.assign(stderr, { write: writes.stderr });
    process.exitCode = 0;
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** Waits until something holds; throws after `ms`. */
export async function until(holds: () => boolean, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`it did not come about: ${holds}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}
