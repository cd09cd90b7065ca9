import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { benchmarkNamed, benchmarkNames } from "../../benchmarks/index.ts";
import type { TrialSummary } from "../../evals/prompt-trial/verdict.ts";
import { openModel } from "../../models/open.ts";
import { boardroomHome } from "../../paths.ts";
import { checkPrompt, type PromptName, promptNames, promptNode } from "../../prompts/index.ts";
import { modes } from "../../state/run-info.ts";
import { type ModelNode, modelNodes, promptField } from "../../state/settings.ts";
import { UsageError } from "../fail.ts";
import { whole } from "../numbers.ts";
import { asMode, prepare, settingsFrom, traceFrom, withSettings } from "../options.ts";
import { Display, tokens } from "../progress.ts";
import { interruptible } from "../solve.ts";
import { table } from "../table.ts";
import { writeStdout } from "../terminal.ts";
import { textOf } from "./diff.ts";

interface Flags extends Record<string, unknown> {
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

const triable = promptNames.filter((name) => promptField(name) !== null);

const asTriable = (word: string): PromptName => {
  const name = triable.find((known) => known === word);
  if (!name) throw new InvalidArgumentError(`Prompts that can be tried are ${triable.join(", ")}.`);
  return name;
};

export function addPromptsTry(prompts: Command): void {
  const command = prompts
    .command("try")
    .description(
      "Compare a changed prompt with the one that stands, on the same items: recorded calls serve all that comes before its node.",
    )
    .argument("<prompt>", triable.join(", "), asTriable)
    .requiredOption("--with <file>", "The changed prompt.")
    .requiredOption("--on <benchmark>", benchmarkNames.join(", "))
    .option("--data <file>", "Rows with the fields of the public file.")
    .addOption(new Option("--limit <n>", "The first n items.").argParser(whole(1)))
    .addOption(new Option("--mode <mode>", "Who works on them.").choices([...modes]).default("ceo"))
    .addOption(new Option("--concurrency <n>", "Rollouts at once.").argParser(whole(1)).default(8))
    .option(
      "--out <dir>",
      "Where rows and paid replies go. The same command goes on there; another text takes the recording that is there.",
    )
    .option("--json", "Print the comparison as JSON.");
  withSettings(command).action(async (name: PromptName, flags: Flags) => {
    await tryPrompt(name, flags);
  });
}

async function tryPrompt(name: PromptName, flags: Flags): Promise<void> {
  const benchmark = benchmarkNamed(flags.on);
  if (!benchmark)
    throw new UsageError(`there is no benchmark ${flags.on}: choose one of ${benchmarkNames.join(", ")}.`);
  const text = textOf(flags.with);
  checkPrompt(name, text);
  const display = new Display();
  const { signal } = interruptible(display);
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
  const { runTrial } = await import("../../evals/prompt-trial/run-trial.ts");
  const { trialSummary } = await import("../../evals/prompt-trial/verdict.ts");
  const { openTracing } = await import("../../tracing/index.ts");
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
    tokens(used),
    tokens(paidTokens),
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
