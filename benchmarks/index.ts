import { aime2024 } from "./aime2024.ts";
import type { Benchmark } from "./benchmark.ts";
import { commongen } from "./commongen.ts";
import { gpqaDiamond } from "./gpqa-diamond.ts";
import { humaneval } from "./humaneval.ts";
import { math500 } from "./math500.ts";
import { mbpp } from "./mbpp.ts";
import { own } from "./own.ts";

export const benchmarks: Benchmark[] = [gpqaDiamond, commongen, aime2024, math500, humaneval, mbpp, own];

export const benchmarkNames = benchmarks.map(({ name }) => name);

export const benchmarkNamed = (name: string): Benchmark | undefined =>
  benchmarks.find((known) => known.name === name);
