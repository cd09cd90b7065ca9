import { createHash } from "node:crypto";
import { renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Item } from "../../benchmarks/benchmark.ts";
import { withEvaluation } from "../../evals/evaluation.ts";
import { filesOf } from "../../evals/files.ts";
import { type AttemptRow, ResultRow } from "../../evals/records.ts";
import { readRows } from "../../evals/row-file.ts";
import { runAll } from "../../evals/run-all.ts";
import { modelEntry } from "../../models/catalog.ts";
import type { Mode } from "../../state/run-info.ts";
import type { Settings } from "../../state/settings.ts";
import type { Engine } from "../serve/engines.ts";
import type { TrainingResult } from "../serve/result.ts";
import type { Contender } from "./contenders.ts";
import { type Comparison, compareScores, ruleOf, type Verdict, verdictOf } from "./verdict.ts";

interface GateOptions {
  benchmark: string;
  items: Item[];
  mode: Mode;
  repeats: number;
  /** Without a model: that is what differs. */
  settings: Partial<Settings>;
  /** The loss of score, 0..1, that is called noise. */
  margin: number;
  /** Rollouts at once. */
  concurrency: number;
  engine: Engine;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** `gate.json` in the folder of the run. */
export interface Gate extends Comparison {
  run: string;
  benchmark: string;
  mode: Mode;
  repeats: number;
  budgetTokens: number;
  engine: Engine;
  rule: string;
  verdict: Verdict;
  /** Where the rollouts of both are. */
  results: string;
  date: string;
}

/**
 * Runs the same rollouts with the base and with the tuned model, at the same budget and served alike, and judges the
 * difference. Broken off, the same call goes on. Throws where there is too little to compare.
 */
export async function gate(
  { run, folder }: Pick<TrainingResult, "run" | "folder">,
  contenders: { base: Contender; tuned: Contender },
  options: GateOptions,
): Promise<Gate> {
  const { benchmark, mode, repeats, margin, engine } = options;
  const budgetTokens = options.settings.budgetTokens ?? modelEntry(contenders.base.name).budgetTokens;
  const results = join(folder, "gate", nameOf(contenders, options, budgetTokens));
  const rows = {
    base: await rowsOf(contenders.base, join(results, "base"), options, budgetTokens),
    tuned: await rowsOf(contenders.tuned, join(results, "tuned"), options, budgetTokens),
  };
  const comparison = compareScores(rows.base, rows.tuned);
  if (!comparison)
    throw new Error("fewer than two problems were scored for both: there is nothing to compare.");
  const judged: Gate = {
    ...{ run: run.run, benchmark, mode, repeats, budgetTokens, engine },
    ...comparison,
    rule: ruleOf(margin),
    verdict: verdictOf(comparison, margin),
    results,
    date: new Date().toISOString(),
  };
  const file = join(folder, "gate.json");
  writeFileSync(`${file}.part`, `${JSON.stringify(judged, null, 2)}\n`);
  renameSync(`${file}.part`, file);
  return judged;
}

/** Other rollouts than those of an earlier gate go into another folder. */
function nameOf(
  { base, tuned }: { base: Contender; tuned: Contender },
  { benchmark, items, mode, settings }: GateOptions,
  budget: number,
): string {
  const age = ({ weights }: Contender) => statSync(weights, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const made = [mode, budget, settings, items, base.name, age(base), tuned.name, age(tuned)];
  const hash = createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 8);
  return `${benchmark}-${mode}-${hash}`;
}

async function rowsOf(
  contender: Contender,
  out: string,
  options: GateOptions,
  budget: number,
): Promise<ResultRow[]> {
  const { benchmark, items, mode, repeats, signal, say, concurrency } = options;
  const settings = { ...options.settings, model: contender.name, budgetTokens: budget };
  const evaluationOptions = {
    ...{ benchmark, items, modes: [mode], repeats, settings, out, signal },
    model: contender.name,
    onResult: every(10_000, (_, done, of) => say(`${contender.name}: ${done}/${of}`)),
    onError: ({ id, error }: AttemptRow) => say(`${contender.name}, ${id}: ${error}`),
  };
  return withEvaluation(evaluationOptions, async (evaluation) => {
    if (evaluation.jobs.length > 0) {
      const stop = await contender.start();
      try {
        await runAll(evaluation, { concurrency });
      } finally {
        await stop();
      }
    }
    signal.throwIfAborted();
    if (evaluation.stopped === "disk") throw new Error(evaluation.lastFailure);
    if (evaluation.failed > 0)
      throw new Error(
        `${evaluation.failed} rollouts of ${contender.name} broke off (${filesOf(out).attempts}): the same command tries them again.`,
      );
    return readRows(filesOf(out).results, ResultRow);
  });
}

/** Calls `tell` no more often than this, and for the last one. */
function every(ms: number, tell: (row: ResultRow, done: number, of: number) => void): typeof tell {
  let lastReported = Date.now();
  return (row, done, of) => {
    if (done < of && Date.now() - lastReported < ms) return;
    lastReported = Date.now();
    tell(row, done, of);
  };
}
