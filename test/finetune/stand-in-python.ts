import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plannedEnvironment } from "../../finetune/environment.ts";

/**
 * An environment of the trainer that is whole by its looks. Its Python knows write_gguf.py alone, and writes the base's
 * file as it is: what comes out is a model that llama.cpp loads, tuned by nothing.
 */
export function standInEnvironment(home: string): void {
  const before = process.env.BOARDROOM_HOME;
  process.env.BOARDROOM_HOME = home;
  const { folder } = plannedEnvironment();
  process.env.BOARDROOM_HOME = before;
  mkdirSync(join(folder, "bin"), { recursive: true });
  const python = join(folder, "bin", "python");
  writeFileSync(
    python,
    `#!/bin/sh
case "$1" in
*/write_gguf.py) cp "$2" "$4" && echo "{\\"file\\": \\"$4\\", \\"bytes\\": 1}" ;;
*) echo "no such script: $1" >&2; exit 1 ;;
esac
`,
  );
  chmodSync(python, 0o755);
  writeFileSync(join(folder, "boardroom-complete"), "");
}
