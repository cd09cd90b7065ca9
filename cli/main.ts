import { existsSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { boardroomHome, makeFolder } from "../paths.ts";
import { exitCodeOf, UsageError } from "./fail.ts";
import { programFor } from "./program.ts";

/** Makes the folder that BOARDROOM_HOME names; where folders cannot be made (below /proc) all else would hang. */
function usable(home: string): void {
  if (!process.env.BOARDROOM_HOME) return;
  makeFolder(home);
  try {
    rmdirSync(mkdtempSync(join(home, ".new-")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error; // what may only be read can still be read
  }
}

if (existsSync(".env")) process.loadEnvFile(".env");
try {
  const home = boardroomHome();
  if (existsSync(home) && !statSync(home).isDirectory())
    throw new UsageError(`${home} is a file: BOARDROOM_HOME names a folder.`);
  const program = await programFor(process.argv.slice(2));
  program.hook("preAction", () => usable(home));
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
// Timers of clients and native threads must not hold up the end; stdout is drained first.
process.stdout.write("", () => process.exit());
