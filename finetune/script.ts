import { join } from "node:path";
import { execa } from "execa";
import type { z } from "zod";
import { packageRoot } from "../paths.ts";

/** The last line that says something; Python's errors and pip's end with what went wrong. */
export const lastLine = (text = ""): string =>
  text
    .split(/[\r\n]+/)
    .filter((line) => line.trim())
    .at(-1)
    ?.trim() ?? "no message";

/**
 * Runs one of finetune/python's scripts and reads the JSON object that it prints last. Nothing is fetched from a hub.
 * Throws the script's own last words.
 */
export async function script<Result>(
  { python }: { python: string },
  name: string,
  args: string[],
  schema: z.ZodType<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const { exitCode, stdout, stderr } = await execa(
    python,
    [join(packageRoot, "finetune", "python", name), ...args],
    {
      reject: false,
      stdin: "ignore",
      // Waiting threads that spin would stand in the way of whatever else runs here.
      env: { HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false", OMP_WAIT_POLICY: "passive" },
      ...(signal && { cancelSignal: signal }),
    },
  );
  signal?.throwIfAborted();
  if (exitCode !== 0) throw new Error(`${name} failed: ${lastLine(stderr)}`);
  return schema.parse(JSON.parse(lastLine(stdout)));
}
