import { existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json: prompts and samples are read from there, whether this file runs built or from source. */
export const packageRoot = (() => {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json"))) dir = dirname(dir);
  return dir;
})();

/** Where threads, traces, weights and caches live: BOARDROOM_HOME, else the user's data folder. */
export function boardroomHome(): string {
  if (process.env.BOARDROOM_HOME) return process.env.BOARDROOM_HOME;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "boardroom");
  if (process.platform === "win32") return join(process.env.LOCALAPPDATA ?? homedir(), "boardroom");
  return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "boardroom");
}

/**
 * Makes a folder and those above it that are missing, one after the other: where none can be made (below /proc) Node's own
 * recursive `mkdir` does not end. Throws what `mkdir` says, with the path that could not be made.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse())
    try {
      mkdirSync(folder);
    } catch (error) {
      const made = (error as NodeJS.ErrnoException).code === "EEXIST" && statSync(folder).isDirectory();
      if (!made) throw error; // else another process was faster
    }
  // A file where the folder would be.
  if (!statSync(path).isDirectory()) mkdirSync(path);
}
