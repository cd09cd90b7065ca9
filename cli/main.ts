import { existsSync, statSync } from "node:fs";
import { boardroomHome } from "../paths.ts";
import { exitCodeOf, UsageError } from "./fail.ts";
import { program } from "./program.ts";

if (existsSync(".env")) process.loadEnvFile(".env");
try {
  const home = boardroomHome();
  if (existsSync(home) && !statSync(home).isDirectory())
    throw new UsageError(`${home} is a file: BOARDROOM_HOME names a folder.`);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
// Timers of clients and native threads must not hold up the end; stdout is drained first.
process.stdout.write("", () => process.exit());
