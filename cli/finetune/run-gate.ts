import { benchmarkNamed } from "../../benchmarks/index.ts";
import { formatInteger } from "../../evals/summary/format.ts";
import { contendersOf } from "../../finetune/gate/contenders.ts";
import { type Gate, gate } from "../../finetune/gate/gate.ts";
import type { Engine } from "../../finetune/serve/engines.ts";
import { trainingResultOf } from "../../finetune/serve/result.ts";
import { engineFor, refusePort } from "../../finetune/serve/serve.ts";
import type { Mode } from "../../state/run-info.ts";
import { captureConsole } from "../capture-console.ts";
import { UsageError } from "../fail.ts";
import { settingsFrom } from "../options.ts";
import { Display } from "../progress.ts";
import { abortOnInterrupt } from "../solve.ts";
import { table } from "../table.ts";
import { terminalStream, writeStdout } from "../terminal.ts";

export interface GateOptions extends Record<string, unknown> {
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

/** Rollouts at once: as many as llama.cpp answers; a server of one's own finds places for more. */
const ROLLOUTS = { "llama.cpp": 4, vllm: 64, llamafactory: 1 };

/** Runs the benchmark with both models; the exit code. */
export async function runGate(run: string, options: GateOptions): Promise<number> {
  const { benchmark: name, data, limit, mode, repeats, margin, port } = options;
  if (options.model !== undefined)
    throw new UsageError("gate compares the run's own two models: leave --model out.");
  const tuning = await trainingResultOf(run);
  const display = new Display();
  const { signal } = abortOnInterrupt(display);
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
  const serving = {
    name: options.name ?? run,
    port,
    engine,
    say,
    signal,
    printed: terminalStream(process.stderr),
  };
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
    formatInteger(each),
    String(unanswered),
  ]);
  writeStdout(table(["model", "score %", "tokens", "unanswered"], rows));
  writeStdout(
    `${verdict}: ${signed(difference.mean)} points (95 %: ${signed(difference.low)} to ${signed(difference.high)}) over ${problems} problems at ${formatInteger(budgetTokens)} tokens each\n`,
  );
}
