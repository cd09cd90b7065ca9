import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { Cassette } from "../models/cassette.ts";
import { packageRoot } from "../paths.ts";
import { modes } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import type { TraceMode } from "../tracing/mode.ts";
import { UsageError } from "./fail.ts";
import { asMode, prepare, settingsFrom, taskFrom, traceFrom, withSettings, withTask } from "./options.ts";
import { banner, Display } from "./progress.ts";
import { abortOnInterrupt, printResult } from "./solve.ts";

const recording = join(packageRoot, "cli", "demo.cassette.jsonl");
/** The share of the recorded time that a demo takes on a terminal. */
const TEMPO = 0.25;

const About = z.object({
  mode: z.enum(modes),
  task: Task,
  settings: Settings,
  recorded: z.string(),
  /** null: nobody's; the replies were written by hand. */
  model: z.string().nullable(),
});

export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .description(
      "Show what the system is for, by a discussion written by hand; or play back a recorded run. Needs no weights and no key.",
    )
    .argument("[question]", "with --record: the question")
    .option("--cassette <file>", "The recording.", recording)
    .option("--record", "Record a real run into the file instead, with these settings.")
    .option("--json", "Print one JSON object on stdout.");
  withSettings(withTask(command)).action(async (question: string | undefined, options) => {
    const json = options.json === true;
    const idle = options.record ? [] : Object.keys(settingsFrom(options));
    if (question !== undefined || options.file !== undefined) idle.push("question");
    if (!options.record && idle.length > 0)
      throw new UsageError(`a replay takes no settings and no question (${idle.join(", ")}): add --record.`);
    process.exitCode = options.record
      ? await record(question, options, json)
      : await play(options.cassette, json, traceFrom(options));
  });
}

async function play(file: string, json: boolean, trace: TraceMode): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`there is no recording at ${file}.`);
  const cassette = new Cassette(file, "replay", process.stderr.isTTY ? TEMPO : 0);
  const { mode, task, settings, recorded, model } = About.parse(cassette.about);
  const budget = settings.budgetTokens ?? cassette.replayModel(settings.model).entry.budgetTokens;
  const display = new Display(() => budget);
  const abort = abortOnInterrupt(display);
  display.note(
    model === null
      ? "A discussion written by hand, to show what the system does: no model said this, and nothing is paid."
      : `A replay of a real run: ${model}, recorded ${recorded}. Nothing is computed or paid now.`,
  );
  const [{ solve }, { openTracing }] = await Promise.all([
    import("../runtime/solve.ts"),
    import("../tracing/index.ts"),
  ]);
  const tracing = await openTracing(trace, (line) => display.note(line));
  display.note(banner(mode, task.question));
  const onEvent = (event: Parameters<Display["event"]>[0]) => display.event(event);
  const { callbacks } = tracing;
  try {
    const result = await cassette.around(() =>
      solve({ mode, task, settings, signal: abort.signal, callbacks, onEvent }),
    );
    display.end(result);
    return printResult(result, json);
  } finally {
    await tracing.end();
  }
}

async function record(
  question: string | undefined,
  options: { cassette: string; mode: string; kind?: never },
  json: boolean,
) {
  const { cassette: file } = options;
  const mode = asMode(options.mode);
  const task = taskFrom(question, options);
  const display = new Display();
  const abort = abortOnInterrupt(display);
  rmSync(file, { force: true });
  const cassette = new Cassette(file, "record");
  const given = settingsFrom(options);
  const { solve } = await import("../runtime/solve.ts");
  const result = await cassette.around(async () => {
    // The whole settings with their prompts: a later edit of a prompt must not make the recording unplayable.
    const settings = await prepare(given, display, abort.signal);
    const recorded = new Date().toISOString().slice(0, 10);
    cassette.describe({ mode, task, settings, recorded, model: cassette.nameOf(settings.model) });
    const onEvent = (event: Parameters<Display["event"]>[0]) => display.event(event);
    return solve({ mode, task, settings, signal: abort.signal, onEvent });
  });
  display.end(result);
  return printResult(result, json);
}
