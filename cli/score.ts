import { availableParallelism } from "node:os";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { DEFAULT_SEED, type Item } from "../benchmarks/benchmark.ts";
import { benchmarkNamed, benchmarkNames } from "../benchmarks/index.ts";
import { DataError, idOf, type Row, readRows } from "../benchmarks/rows.ts";
import type { VerdictRow } from "../evals/records.ts";
import { type Score, score, scoreCompletion } from "../evals/scorers/index.ts";
import type { AnswerJudge } from "../evals/scorers/score.ts";
import { judgeSpend } from "../evals/summary/judge.ts";
import { sandbox } from "../sandbox/pool.ts";
import { UsageError } from "./fail.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

interface Options {
  data: string;
  predictions: string;
  seed: number;
  judge?: string;
}

export function addScore(program: Command): void {
  program
    .command("score")
    .description("Score replies from anywhere: one JSON line for each, in their order.")
    .addArgument(new Argument("<benchmark>", "whose rules apply").choices(benchmarkNames))
    .requiredOption("--data <file>", "The problems, with the fields of the benchmark's public file.")
    .requiredOption("--predictions <file>", "JSON Lines of { id, response } or { task_id, completion }.")
    .option("--seed <number>", "How the choices were permuted.", wholeNumber, DEFAULT_SEED)
    .option(
      "--judge <model>",
      "Ask this model where no rule finds an open answer right, or reads a maths answer.",
    )
    .action(async (name: string, options: Options) => {
      try {
        await scoreAll(name, options);
      } catch (error) {
        throw error instanceof DataError ? new UsageError(error.message) : error;
      } finally {
        await sandbox.close();
      }
    });
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError("a whole number is needed.");
  return number;
}

async function scoreAll(name: string, { data, predictions, seed, judge: named }: Options): Promise<void> {
  const items = await benchmarkNamed(name)!.load({ data, seed });
  const pairs = paired(items, data, await readRows(predictions));
  const scores: Score[] = [];
  const verdicts: VerdictRow[] = [];
  const judge = named ? await judgeNamed(named, (row) => verdicts.push(row)) : undefined;
  for await (const { id, result } of inOrder(pairs, judge)) {
    const { score, extracted, method, detail, deterministic } = result;
    const more = { ...(detail && { detail }), ...(deterministic && { deterministic }) };
    writeStdout(`${JSON.stringify({ id, score, extracted, method, ...more })}\n`);
    scores.push(result);
  }
  const answered = new Set(pairs.map(({ item }) => item.id));
  writeStderr(`${summary(scores, items.length - answered.size, items.length)}\n`);
  const spend = judgeSpend(verdicts);
  if (spend)
    writeStderr(
      `${spend.model} judged ${spend.verdicts}: ${spend.calls} calls, ${spend.tokens} tokens, $${spend.usd.toFixed(4)}\n`,
    );
}

/** A whole reply, or the text after the prompt; `null` is a reply that never came. */
const Prediction = z
  .object({ response: z.string().nullable().optional(), completion: z.string().nullable().optional() })
  .refine(({ response, completion }) => (response === undefined) !== (completion === undefined), {
    message: 'needs either "response" or "completion"',
  });
type Prediction = z.infer<typeof Prediction>;

interface Pair {
  item: Item;
  prediction: Prediction;
}

/** Every prediction with its item, so that a broken file is refused before anything is scored. */
function paired(items: Item[], data: string, rows: Row[]): Pair[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return rows.map((row) => {
    const item = byId.get(idOf(row));
    if (!item) throw new DataError(`${row.where}: there is no item ${JSON.stringify(idOf(row))} in ${data}.`);
    const parsed = Prediction.safeParse(row.fields);
    if (parsed.success) return { item, prediction: parsed.data };
    const [issue] = parsed.error.issues;
    throw new DataError(`${row.where}: ${[...(issue?.path ?? []), issue?.message].join(": ")}.`);
  });
}

/** Loaded only where somebody names one: models are no part of scoring. */
async function judgeNamed(name: string, onVerdict: (row: VerdictRow) => void): Promise<AnswerJudge> {
  const { Judge } = await import("../evals/judge.ts");
  return Judge.open(name, { onVerdict });
}

function scored({ item, prediction }: Pair, judge: AnswerJudge | undefined): Promise<Score> {
  if (prediction.response !== undefined) return score(item, prediction.response ?? "", { judge });
  return scoreCompletion(item, prediction.completion ?? "", { judge });
}

/** The scores in the order of the predictions, as many being worked on as there are cores. */
async function* inOrder(pairs: Pair[], judge: AnswerJudge | undefined) {
  const ahead: Promise<Score>[] = [];
  for (const [index, { item }] of pairs.entries()) {
    while (ahead.length < availableParallelism() && index + ahead.length < pairs.length)
      ahead.push(scored(pairs[index + ahead.length]!, judge));
    yield { id: item.id, result: await ahead.shift()! };
  }
}

function summary(scores: Score[], missing: number, items: number): string {
  const counted = scores.flatMap(({ score }) => score ?? []);
  const mean = counted.reduce((sum, score) => sum + score, 0) / counted.length;
  const unscored = scores.length - counted.length;
  return [
    `${scores.length} scored, mean ${counted.length > 0 ? mean.toFixed(4) : "-"}`,
    ...(unscored > 0 ? [`${unscored} unscored, their gold or this machine at fault`] : []),
    ...(missing > 0 ? [`${missing} of ${items} items had no prediction`] : []),
  ].join("; ");
}
