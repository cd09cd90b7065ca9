import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { z } from "zod";
import { type Kind, kinds } from "../answers/problem.ts";
import { readSettingsFile, type SettingsFile } from "../runtime/settings-file.ts";
import { type Mode, modes } from "../state/run-info.ts";
import { modelsOf, presets, Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import { type TraceMode, traceMode, traceModes } from "../tracing/mode.ts";
import { UsageError } from "./fail.ts";
import type { Display } from "./progress.ts";

/** Prompts and teams are written in files, and pauses have a flag of their own. */
const flags = Object.keys(Settings.shape).filter(
  (key) => !/^(prompt|pause|experts$)/.test(key),
) as (keyof Settings)[];
const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function reader(key: keyof Settings) {
  const schema = Settings.shape[key] as z.ZodType;
  return (text: string) => {
    const number = Number(text.replace(/(?<=\d)[,_](?=\d{3})/g, ""));
    for (const value of [text, ...(text.trim() && !Number.isNaN(number) ? [number] : [])]) {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
    }
    const { error } = schema.safeParse(Number.isNaN(number) ? text : number);
    throw new InvalidArgumentError(`${error?.issues[0]?.message ?? "not understood"}.`);
  };
}

const about = (key: keyof Settings) => (Settings.shape[key] as z.ZodType).description ?? key;

/** Adds a flag for every setting that is not a prompt, under another name where the command has that word for another thing. */
export function withSettings(
  command: Command,
  renamed: Partial<Record<keyof Settings, string>> = {},
): Command {
  for (const key of flags) {
    const name = renamed[key] ?? kebab(key);
    if (key === "headers")
      command.option("--no-headers", "Send no x-boardroom-node and x-boardroom-run headers.");
    else command.addOption(new Option(`--${name} <value>`, about(key)).argParser(reader(key)));
  }
  command.option(
    "--settings <file.yaml>",
    "Settings in a file, such as a team of your own. A flag wins over --preset, that over the file, and the file over environment variables.",
  );
  command.addOption(
    new Option("--preset <name>", "Settings that belong together.").choices(Object.keys(presets)),
  );
  return command.addOption(
    new Option(
      "--trace <where>",
      "Where traces go: nowhere, to the local store, to LangSmith, or to both.",
    ).choices([...traceModes]),
  );
}

/** The settings that were given by flag. */
export function settingsFrom(options: Record<string, unknown>): Partial<Settings> {
  const given = flags.filter(
    (key) => options[key] !== undefined && !(key === "headers" && options.headers === true),
  );
  const preset = presets[options.preset as keyof typeof presets] ?? {};
  const pauses = options.pause as Partial<Settings> | undefined;
  const file = settingsFileFrom(options)?.settings;
  return { ...file, ...preset, ...pauses, ...Object.fromEntries(given.map((key) => [key, options[key]])) };
}

/** The settings file that was named. Throws SettingsError. */
export const settingsFileFrom = ({ settings }: Record<string, unknown>): SettingsFile | null =>
  typeof settings === "string" ? readSettingsFile(settings) : null;

export const withTask = (command: Command): Command =>
  command
    .option(
      "--file <task.json>",
      "Read the task from a JSON file: { question, context?, kind?, choices?, tests?, concepts? }.",
    )
    .addOption(new Option("--mode <mode>", "Who works on it.").choices([...modes]).default("ceo"))
    .addOption(new Option("--kind <kind>", "What kind of answer is asked for.").choices([...kinds]));

/** The task of a command line; throws UsageError. */
export function taskFrom(question: string | undefined, { file, kind }: { file?: string; kind?: Kind }): Task {
  if (file && question) throw new UsageError("give a question or --file, not both.");
  if (!file && !question?.trim())
    throw new UsageError('there is no question: boardroom solve "<question>", or --file task.json.');
  const raw = file ? readJson(file) : { question };
  const parsed = Task.safeParse({ ...(raw as object), ...(kind && { kind }) });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`${file ?? "the task"}: ${issue?.path.join(".") || "task"}: ${issue?.message}.`);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}.`);
  }
}

export function traceFrom({ trace }: { trace?: string }): TraceMode {
  const mode = traceMode(trace);
  if (!mode) throw new UsageError(`BOARDROOM_TRACE is one of ${traceModes.join(", ")}.`);
  return mode;
}

/** Opens the models of a run, fetching weights where they are missing, before anything is spent. */
export async function prepare(
  given: Partial<Settings>,
  display: Display,
  signal: AbortSignal,
): Promise<Settings> {
  const [{ openModel }, { assertPriced }] = await Promise.all([
    import("../models/open.ts"),
    import("../models/priced.ts"),
  ]);
  const settings = Settings.parse(given);
  if (settings.model === "embedded" && process.env.OPENAI_BASE_URL)
    display.note(
      "OPENAI_BASE_URL is set, but no model: the embedded one is used. Name one with --model or BOARDROOM_MODEL.",
    );
  const names = modelsOf(settings);
  for (const name of names)
    await openModel(name, {
      signal,
      say: (line) => display.note(line),
      onProgress: (progress) => display.fetching(progress),
    });
  if (settings.budgetUsd !== null) await assertPriced(names, "--budget-usd", "--budget-tokens");
  return settings;
}

/** The mode that was named by flag, else by the settings file. */
export function modeFrom(command: Command, options: Record<string, unknown>): Mode {
  const named = command.getOptionValueSource("mode") === "default" && settingsFileFrom(options)?.mode;
  return named || asMode(String(options.mode));
}

export const asMode = (mode: string): Mode => modes.find((known) => known === mode) ?? "ceo";
