import { existsSync } from "node:fs";
import { exitCodeOf } from "./fail.ts";
import { program } from "./program.ts";

if (existsSync(".env")) process.loadEnvFile(".env");
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
// Timers of clients and native threads must not hold up the end; stdout is drained first.
process.stdout.write("", () => process.exit());
