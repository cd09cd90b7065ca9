import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { Task } from "../state/task.ts";
import { modeFrom, settingsFrom, taskFrom, traceFrom, withSettings, withTask } from "./options.ts";
import { withPause } from "./pause/pause-option.ts";
import { runSolve } from "./solve.ts";

/**
 * Small enough for a model of 135M: answers are drawn, and a check without a model (does it use the words?) picks one. Such a model makes a poor team: that is what `demo` shows.
 */
const example: Task = {
  question: "Write one sentence about a dog in a park.",
  concepts: ["dog", "park"],
};

export function addStart(program: Command): void {
  const command = program
    .command("start")
    .description("What `npm start` runs: asks for a question on a terminal, else works on an example.")
    .argument("[question...]", "the question");
  withSettings(withPause(withTask(command))).action(async (words: string[], options) => {
    const question = words.join(" ") || (process.stdin.isTTY && !options.file ? await askFor() : "");
    const task = question || options.file ? taskFrom(question || undefined, options) : example;
    const sampled = task === example && command.getOptionValueSource("mode") === "default";
    const settings = { ...(sampled && { samples: 6 }), ...settingsFrom(options) };
    const ask = { mode: sampled ? ("vote" as const) : modeFrom(command, options), task, settings };
    process.exitCode = await runSolve(ask, { json: false, trace: traceFrom(options) });
  });
}

async function askFor(): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`Your question (Enter: "${example.question}")\n> `)).trim();
  } finally {
    terminal.close();
  }
}
