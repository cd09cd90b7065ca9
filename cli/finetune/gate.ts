import { type Command, InvalidArgumentError, Option } from "commander";
import { benchmarkNamed, benchmarkNames } from "../../benchmarks/index.ts";
import { contendersOf } from "../../finetune/gate/contenders.ts";
import type { Gate } from "../../finetune/gate/gate.ts";
import { tuningOf } from "../../finetune/serve/result.ts";
import { type Engine, engineFor, engines, refusePort } from "../../finetune/serve/serve.ts";
import { type Mode, modes } from "../../state/run-info.ts";
import { captureConsole } from "../capture-console.ts";
import { UsageError } from "../fail.ts";
import { settingsFrom, withSettings } from "../options.ts";
import { Display, tokens } from "../progress.ts";
import { interruptible } from "../solve.ts";
import { table } from "../table.ts";
import { printed, writeStdout } from "../terminal.ts";

interface Options extends Record<string, unknown> {
  benchmark: string;
  data?: string;
  mode: Mode;
  limit?: number;
  repeats: number;
  margin: number;
  name?: string;
  engine?: Engine;
  port: number;
  json?: true;
}

export function addGate(group: Command): void {
  const command = group
    .command("gate")
    .description(
      "Run a benchmark with the base and the tuned model at the same budget, in the same engine and precision, and judge the difference. Exit code 0: better or not worse, 1: worse.",
    )
    .argument("<run>", "its name, as launch printed it")
    .addOption(new Option("--benchmark <name>", "What is run.").choices([...benchmarkNames]).default("own"))
    .option("--data <file>", "Rows with the fields of the benchmark's public file.")
    .addOption(new Option("--mode <mode>", "Who works on it.").choices([...modes]).default("ceo"))
    .option("--limit <n>", "The first n problems.", whole)
    .option("--repeats <k>", "Rollouts of each problem.", whole, 1)
    .option("--margin <share>", "A loss of score up to this is called noise.", share, 0.02)
    .option("--name <name>", "What the tuned model is called in the catalog; left out: the run's name.")
    .addOption(new Option("--engine <which>", "As for serve.").choices([...engines]))
    .option("--port <n>", "Where a server of the engine listens.", whole, 8000)
    .option("--json", "Print gate.json on stdout.");
  withSettings(command).action(async (run: string, options: Options) => {
    process.exitCode = await judge(run, options);
  });
}

function whole(text: string): number {
  const number = Number(text.replace(/(?<=\d)[,_](?=\d{3})/g, ""));
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("a whole number from 1 up is needed.");
  return number;
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError("a share from 0 to 1 is needed.");
  return number;
}

/** Rollouts at once: as many as llama.cpp answers; a server of one's own finds places for more. */
const ROLLOUTS = { "llama.cpp": 4, vllm: 64, llamafactory: 1 };

async function judge(run: string, options: Options): Promise<number> {
  const { benchmark: name, data, limit, mode, repeats, margin, port } = options;
  if (options.model !== undefined)
    throw new UsageError("gate compares the run's own two models: leave --model out.");
  const { gate } = await import("../../finetune/gate/gate.ts");
  const tuning = await tuningOf(run);
  const display = new Display();
  const { signal } = interruptible(display);
  const say = (line: string) => display.note(line);
  const settings = settingsFrom(options);
  const items = await benchmarkNamed(name)!.load({
    ...{ data, limit, say, signal },
    seed: settings.seed ?? undefined,
    onProgress: (progress) => display.fetching(progress),
  });
  const engine = options.engine ?? (await engineFor(tuning));
  // Before they are entered into the catalog: there they would point at whatever listens.
  if (engine !== "llama.cpp") await refusePort(port);
  const serving = { name: options.name ?? run, port, engine, say, signal, printed: printed(process.stderr) };
  const contenders = await contendersOf(tuning, serving);
  say(
    `${name}: ${items.length} problems, mode ${mode}, ${contenders.base.name} against ${contenders.tuned.name}, by ${engine}`,
  );
  const judged = await captureConsole(() =>
    gate(tuning, contenders, {
      ...{ benchmark: name, items, mode, repeats, settings, margin, engine, signal, say },
      concurrency: ROLLOUTS[engine],
    }),
  );
  if (options.json) writeStdout(`${JSON.stringify(judged, null, 2)}\n`);
  else print(judged);
  say(`${judged.rule}; gate.json is in the folder of the run`);
  return judged.verdict === "worse" ? 1 : 0;
}

const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => `${share < 0 ? "" : "+"}${percent(share)}`;

function print({ base, tuned, difference, problems, budgetTokens, verdict }: Gate): void {
  const rows = [base, tuned].map(({ model, score, tokens: each, unanswered }) => [
    model,
    percent(score),
    tokens(each),
    String(unanswered),
  ]);
  writeStdout(table(["model", "score %", "tokens", "unanswered"], rows));
  writeStdout(
    `${verdict}: ${signed(difference.mean)} points (95 %: ${signed(difference.low)} to ${signed(difference.high)}) over ${problems} problems at ${tokens(budgetTokens)} tokens each\n`,
  );
}
