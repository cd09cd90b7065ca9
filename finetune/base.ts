import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { withLock } from "../models/weights/lock.ts";
import { ensureWeights } from "../models/weights.ts";
import type { Environment } from "./environment.ts";
import { type Base, baseFolder, basePath } from "./recipes/recipe.ts";
import { script } from "./script.ts";

interface BaseOptions {
  say?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const Unpacked = z.object({ folder: z.string(), parameters: z.number() });

/**
 * What goes into `model_name_or_path`: for a local base a folder that is made once of the GGUF weights which Boardroom
 * embeds (python/unpack_gguf.py), else the name on the hub as it is.
 */
export async function ensureBase(
  base: Base,
  environment: Pick<Environment, "python">,
  { say, signal }: BaseOptions = {},
): Promise<string> {
  if (!base.local || existsSync(baseFolder(base))) return basePath(base);
  const folder = baseFolder(base);
  await mkdir(dirname(folder), { recursive: true });
  const make = async () => {
    if (existsSync(folder)) return;
    say?.(`unpacking the weights of ${base.model} for the trainer (once)`);
    const weights = await ensureWeights(base.model, { ...(say && { say }), ...(signal && { signal }) });
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    const { parameters } = await script(environment, "unpack_gguf.py", [weights, part], Unpacked, signal);
    if (parameters !== base.parameters)
      throw new Error(`${base.model} has ${parameters} parameters, and the recipe says ${base.parameters}`);
    await rename(part, folder);
  };
  await withLock(`${folder}.lock`, make, signal);
  return folder;
}
