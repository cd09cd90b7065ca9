import { join, resolve } from "node:path";
import { benchmarkNamed, benchmarkNames } from "../../benchmarks/index.ts";
import { runTrial } from "../../evals/prompt-trial/run-trial.ts";
import { type TrialSummary, trialSummary } from "../../evals/prompt-trial/verdict.ts";
import { formatInteger } from "../../evals/summary/format.ts";
import { openModel } from "../../models/open.ts";
import { boardroomHome } from "../../paths.ts";
import { checkPrompt, type PromptName, promptNode } from "../../prompts/index.ts";
import { type ModelNode, modelNodes, promptField } from "../../state/settings.ts";
import { openTracing } from "../../tracing/index.ts";
import { UsageError } from "../fail.ts";
import { asMode, prepare, settingsFrom, traceFrom } from "../options.ts";
import { Display } from "../progress.ts";
import { abortOnInterrupt } from "../solve.ts";
import { table } from "../table.ts";
import { writeStdout } from "../terminal.ts";
import { textOf } from "./diff.ts";

export interface TryFlags extends Record<string, unknown> {
  trace?: string;
  with: string;
  on: string;
  limit?: number;
  data?: string;
  mode: string;
  concurrency: number;
  out?: string;
  json?: true;
}

/** Runs the arms and prints how they compare. */
export async function tryPrompt(name: PromptName, flags: TryFlags): Promise<void> {
  const benchmark = benchmarkNamed(flags.on);
  if (!benchmark)
    throw new UsageError(`there is no benchmark ${flags.on}: choose one of ${benchmarkNames.join(", ")}.`);
  const text = textOf(flags.with);
  checkPrompt(name, text);
  const display = new Display();
  const { signal } = abortOnInterrupt(display);
  const given = settingsFrom(flags);
  const settings = await prepare(given, display, signal);
  const items = await benchmark.load({
    data: flags.data,
    limit: flags.limit,
    seed: given.seed ?? undefined,
    say: (line) => display.note(line),
    signal,
  });
  const { entry } = await openModel(settings.model);
  const what = [flags.on, flags.mode, entry.name, name].join("-").replace(/[^\w.]+/g, "-");
  const out = resolve(flags.out ?? join(boardroomHome(), "prompt-trials", what));
  display.note(
    `${name}: ${items.length} items in three arms, mode ${flags.mode}, ${entry.name}; rows in ${out}`,
  );
  const tracing = await openTracing(traceFrom(flags), (line) => display.note(line));
  let done = 0;
  try {
    const rows = await runTrial({
      items,
      mode: asMode(flags.mode),
      settings: given,
      changed: { [promptField(name)!]: text },
      node: nodeOf(name),
      out,
      concurrency: flags.concurrency,
      signal,
      callbacks: tracing.callbacks,
      onRow: ({ id, arm, score }) =>
        display.note(`${++done} of ${3 * items.length}  ${arm}  ${id}: ${score ?? "unscored"}`),
    });
    const summary = trialSummary(rows);
    writeStdout(flags.json ? `${JSON.stringify(summary, null, 2)}\n` : shown(summary));
  } finally {
    display.stop();
    await tracing.end();
  }
}

/** Where a prompt is first used; the shared `task` is in every call. */
function nodeOf(name: PromptName): ModelNode | null {
  const node = promptNode(name) ?? (name.startsWith("answer-") ? "solve" : null);
  return modelNodes.find((known) => known === node) ?? null;
}

const percent = (value: number) => `${(100 * value).toFixed(1)}`;

function shown({ arms, n, difference, p, verdict, flipped, unspoken }: TrialSummary): string {
  const rows = arms.map(({ arm, n: scored, score, tokens: used, paidTokens }) => [
    arm,
    String(scored),
    score ? percent(score.mean) : "",
    score ? `${percent(score.low)} to ${percent(score.high)}` : "",
    formatInteger(used),
    formatInteger(paidTokens),
  ]);
  const lines = [
    table(["arm", "items", "score %", "95 %", "tokens", "paid"], rows),
    difference
      ? `changed less unchanged, ${n} items, both fresh: ${percent(difference.mean)} points (95 %: ${percent(difference.low)} to ${percent(difference.high)}; sign-flip p = ${p!.toFixed(3)})\n`
      : "",
    `verdict: ${verdict}\n`,
    ...flipped.map(({ id, unchanged, changed }) => `  ${id}: ${unchanged} -> ${changed}\n`),
    unspoken > 0 ? `in ${unspoken} items the node never spoke: their arms are alike\n` : "",
  ];
  return lines.join("");
}
