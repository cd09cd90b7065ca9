import { readFileSync } from "node:fs";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { parse } from "yaml";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { packageRoot } from "../../paths.ts";

const Gpu = z.strictObject({
  name: z.string(),
  /** GiB. */
  memory: z.number().positive(),
  /** 10^12 operations per second in bf16. */
  tflops: z.number().positive(),
  /** Dollars per hour. */
  usd: z.number().nonnegative(),
});
export type Gpu = z.infer<typeof Gpu>;

const gpus = (): Gpu[] =>
  z.array(Gpu).parse(parse(readFileSync(join(packageRoot, "finetune", "plan", "gpus.yaml"), "utf8")));

/** A GPU by its name, also written as people do ("H100-80GB"); throws DataError. */
export function gpuNamed(name: string): Gpu {
  const all = gpus();
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const found =
    all.find((gpu) => plain(gpu.name) === plain(name)) ??
    all.find((gpu) => plain(`${gpu.name}${gpu.memory}gb`) === plain(name));
  if (found) return found;
  const known = all.map((gpu) => gpu.name);
  throw new DataError(
    `no GPU ${name} is known: did you mean ${closest(name, known)}? Known are ${known.join(", ")}.`,
  );
}

/** `8xA100-80GB`, or a number alone; throws DataError. */
export function gpusAsked(text: string): { gpus: number; gpu?: string } {
  const match = /^\s*(\d+)\s*(?:[x×*]\s*(\S+))?\s*$/i.exec(text);
  if (!match)
    throw new DataError(`--gpus takes a number and a kind, such as 8xA100-80GB or 4xH100, not ${text}.`);
  const count = Number(match[1]);
  return match[2] ? { gpus: count, gpu: gpuNamed(match[2]).name } : { gpus: count };
}
