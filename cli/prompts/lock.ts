import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DamagedFile } from "../../files/file-errors.ts";
import { packageRoot } from "../../paths.ts";
import { type PromptName, promptHash, promptNames } from "../../prompts/prompt-file.ts";
import type { HubPrompt } from "./hub.ts";

/** What file and hub were when they were the same: the hash of the text, and the whole hash of the hub's commit. */
const Synced = z.object({ hash: z.string(), commit: z.string() });
const Lock = z.partialRecord(z.enum(promptNames), Synced);
export type Lock = z.infer<typeof Lock>;

const lockFile = () => join(packageRoot, "prompts", "lock.json");

/** Throws DamagedFile. */
export function readLock(): Lock {
  const file = lockFile();
  if (!existsSync(file)) return {};
  try {
    return Lock.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new DamagedFile(
      file,
      "does not say what was last pushed or pulled",
      "remove it, and compare by `prompts diff`",
    );
  }
}

export function writeLock(lock: Lock): void {
  const file = lockFile();
  writeFileSync(`${file}.part`, `${JSON.stringify(lock, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** How a prompt's file and its copy in the hub stand to each other. */
export type Drift = "same" | "not in the hub" | "edited here" | "edited in the hub" | "edited in both";

export function driftOf(text: string, hub: HubPrompt | null, synced: Lock[PromptName]): Drift {
  if (!hub) return "not in the hub";
  if (hub.text === text) return "same";
  const isEditedHere = synced?.hash !== promptHash(text);
  const isEditedThere = synced?.commit !== hub.commit;
  if (isEditedHere && isEditedThere) return "edited in both";
  return isEditedHere ? "edited here" : "edited in the hub";
}
