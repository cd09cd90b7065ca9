import { type Command, InvalidArgumentError, Option } from "commander";
import { benchmarkNames } from "../../benchmarks/index.ts";
import { consensusRules } from "../../datasets/curate/consensus.ts";
import { CurateSettings } from "../../datasets/curate/settings.ts";

const places = ["local", "cloud"] as const;
export type Place = (typeof places)[number];

export interface Flags {
  from: Place;
  project: string[];
  benchmark?: string;
  since?: Since;
  data?: string;
  against?: string;
  m500?: string | true;
  out?: string;
  minScore: number;
  consensus: CurateSettings["consensus"];
  minTokens: number;
  maxTokens: number;
  perProblem: number;
  difficulty: [number, number];
  sample?: number;
  seed: number;
  push?: string;
  pushTo?: Place;
  tag?: string;
  json?: true;
}

const number =
  (least: number, most = Number.MAX_SAFE_INTEGER, whole = true) =>
  (text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text.replace(/[,_]/g, ""));
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `A ${whole ? "whole " : ""}number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "up"}.`,
      );
    return value;
  };

function band(text: string): [number, number] {
  const [low, high] = text.split("-").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (low === undefined || high === undefined || !(low >= 0 && low <= high && high <= 1))
    throw new InvalidArgumentError("Two shares, such as 0-0.75.");
  return [low, high];
}

/** As it was written, and as an ISO time. */
interface Since {
  text: string;
  time: string;
}

/** An ISO date or time, or days or hours before now. */
function since(text: string): Since {
  const [, count, unit] = /^(\d+)([dh])$/.exec(text) ?? [];
  if (count) {
    const before = Number(count) * (unit === "d" ? 86_400_000 : 3_600_000);
    return { text, time: new Date(Date.now() - before).toISOString() };
  }
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("A date such as 2026-01-31, or 7d or 12h before now.");
  return { text, time: time.toISOString() };
}

/** Adds the options of `boardroom curate`. */
export function withCurateFlags(command: Command): Command {
  const defaults = CurateSettings.parse({});
  return command
    .addOption(
      new Option("--from <place>", "Whose traces: the local store's or LangSmith's.")
        .choices([...places])
        .default("local"),
    )
    .option(
      "--project <name>",
      "Traces of this project alone; may be repeated. Default: all (cloud: LANGSMITH_PROJECT, else default).",
      (name, all: string[]) => [...all, name],
      [] as string[],
    )
    .addOption(new Option("--benchmark <name>", "Traces of this benchmark alone.").choices(benchmarkNames))
    .option("--since <time>", "Traces from then on: a date, or 7d, or 12h.", since)
    .option(
      "--data <file>",
      "Gold answers: the file that the traces were made from, in the fields of --benchmark (default own).",
    )
    .option(
      "--against <dir>",
      "Files of benchmarks, such as math500.jsonl, to keep out of the dataset; others are fetched.",
    )
    .option(
      "--m500 [file]",
      "Not traces, but M500: from the hub, or a .json, .jsonl or .parquet file. Its rows are kept as they are.",
    )
    .option("--out <dir>", "Where the dataset goes; default: a folder of the data folder.")
    .option(
      "--min-score <x>",
      "The least score that counts as right.",
      number(0, 1, false),
      defaults.minScore,
    )
    .addOption(
      new Option("--consensus <rule>", "How many experts must agree in the end.")
        .choices([...consensusRules])
        .default(defaults.consensus),
    )
    .option(
      "--min-tokens <n>",
      "Of a sample (a prompt with its reply), by Qwen2.5's tokenizer.",
      number(0),
      defaults.minTokens,
    )
    .option("--max-tokens <n>", "Of a sample.", number(1), defaults.maxTokens)
    .option("--per-problem <n>", "Rows of one problem, the best first.", number(1), defaults.perProblem)
    .option(
      "--difficulty <low-high>",
      "Pass rates of lone solvers to keep, where they are known.",
      band,
      defaults.difficulty,
    )
    .option("--sample <n>", "Draw so many rows, in proportion to benchmarks and lengths.", number(1))
    .option("--seed <n>", "Decides sample and split.", number(0), defaults.seed)
    .option("--push <name>", "Push the result as a dataset of this name.")
    .addOption(
      new Option("--push-to <place>", "Where it is pushed; default: where the traces are.").choices([
        ...places,
      ]),
    )
    .option("--tag <tag>", "Tag of the pushed version; default: sft-YYYYMMDD, by the last trace.")
    .option("--json", "Print the manifest on stdout.");
}
