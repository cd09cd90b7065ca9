import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";
import { addFinetune } from "../../cli/finetune.ts";
import type { Run } from "../../finetune/launch/run.ts";
import { packageRoot } from "../../paths.ts";
import { boardroom, type Ended } from "../cli/boardroom.ts";
import { inProcess } from "../cli/in-process.ts";

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
      inThisProcess(args, { ...own, ...env }),
    text: (run: string, file: string) => readFileSync(join(folderOf(run), file), "utf8"),
    has: (run: string, file: string) => existsSync(join(folderOf(run), file)),
    record: (run: string): Run => JSON.parse(readFileSync(join(folderOf(run), "run.json"), "utf8")),
  };
}

async function inThisProcess(args: string[], env: Record<string, string>): Promise<Ended> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return await inProcess(addFinetune, ["finetune", ...args]);
  } finally {
    vi.unstubAllEnvs();
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
