import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
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
