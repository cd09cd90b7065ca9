import type { Command } from "commander";
import { readRequest } from "../runtime/thread-request.ts";
import { redact, redactJson } from "../secrets.ts";
import type { AnswerInput, PauseRequest } from "../state/pause.ts";
import type { Result } from "../state/result.ts";
import type { Mode } from "../state/run-info.ts";
import type { Settings } from "../state/settings.ts";
import type { Task } from "../state/task.ts";
import type { Tracing } from "../tracing/index.ts";
import type { TraceMode } from "../tracing/mode.ts";
import { UsageError } from "./fail.ts";
import { modeFrom, prepare, settingsFrom, taskFrom, traceFrom, withSettings, withTask } from "./options.ts";
import { answerFrom, withAnswer } from "./pause/answer-options.ts";
import { askOnTerminal } from "./pause/ask-on-terminal.ts";
import { withPause } from "./pause/pause-option.ts";
import { howToGoOn, pauseText } from "./pause/pause-text.ts";
import type { Display } from "./progress.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

export function addSolve(program: Command): void {
  const command = program
    .command("solve")
    .description("Work on one question with a team of experts, within a budget.")
    .argument("[question]", "the question")
    .option("--resume <thread>", "Go on with a thread that was broken off, with what it has spent.")
    .option("--json", "Print one JSON object on stdout.");
  withSettings(withAnswer(withPause(withTask(command)))).action(
    async (question: string | undefined, options) => {
      const settings = settingsFrom(options);
      const json = options.json === true;
      const answer = answerFrom(options);
      if (answer !== undefined && !options.resume)
        throw new UsageError(
          "--approve, --change, --message and --stop answer a paused thread: name it with --resume.",
        );
      const solveRequest: SolveRequest = options.resume
        ? { resume: resumable(options.resume, question), settings, answer }
        : { mode: modeFrom(command, options), task: taskFrom(question, options), settings };
      process.exitCode = await runSolve(solveRequest, { json, trace: traceFrom(options) });
    },
  );
}

function resumable(thread: string, question: string | undefined): string {
  if (question)
    throw new UsageError("--resume goes on with a thread's own question: leave the question out.");
  return thread;
}

type SolveRequest =
  | { resume: string; settings: Partial<Settings>; answer?: AnswerInput | undefined }
  | { resume?: undefined; mode: Mode; task: Task; settings: Partial<Settings> };

/** Runs or resumes, shows the work on stderr and the result on stdout; the exit code. */
export async function runSolve(
  solveRequest: SolveRequest,
  { json, trace }: { json: boolean; trace: TraceMode },
): Promise<number> {
  const request = solveRequest.resume === undefined ? solveRequest : readRequest(solveRequest.resume);
  const given = { ...request.settings, ...solveRequest.settings };
  let budget: number | null = null;
  const { banner, Display } = await import("./progress.ts");
  const display = new Display(() => budget);
  const abort = abortOnInterrupt(display);
  let tracing: Tracing | undefined;
  try {
    const [{ resume, solve }, { openModel }, { openTracing }] = await Promise.all([
      import("../index.ts"),
      import("../models/open.ts"),
      import("../tracing/index.ts"),
    ]);
    tracing = await openTracing(trace, (line) => display.note(line));
    const settings = await prepare(given, display, abort.signal);
    budget = settings.budgetTokens ?? (await openModel(settings.model)).entry.budgetTokens;
    display.note(banner(request.mode, request.task.question));
    const options = {
      signal: abort.signal,
      callbacks: tracing.callbacks,
      onEvent: (event: Parameters<Display["event"]>[0]) => display.event(event),
      ...(!json &&
        process.stdin.isTTY &&
        process.stderr.isTTY && {
          onPause: (pause: PauseRequest) => askOnTerminal(pause, abort.signal),
        }),
    };
    const result =
      solveRequest.resume === undefined
        ? await solve({ ...options, mode: solveRequest.mode, task: solveRequest.task, settings: given })
        : await resume(solveRequest.resume, {
            ...options,
            settings: solveRequest.settings,
            answer: solveRequest.answer,
          });
    display.end(result);
    return printResult(result, json);
  } finally {
    display.stop();
    await tracing?.end();
  }
}

export function printResult(result: Result, json: boolean): number {
  if (json) writeStdout(`${JSON.stringify(redactJson(result), null, 2)}\n`);
  else if (result.answer !== null && result.status !== "paused") writeStdout(`${redact(result.answer)}\n`);
  if (result.pause) writeStderr(`${pauseText(result.pause)}\n${howToGoOn(result.threadId)}\n`);
  if (result.error !== undefined)
    writeStderr(`boardroom: ${result.error}\nGo on with: boardroom solve --resume ${result.threadId}\n`);
  else if (result.status === "failed") writeStderr("boardroom: the team found no answer.\n");
  return result.status === "failed" ? 1 : 0;
}

/** Ctrl-C ends the run where it stands, so that it can be resumed; a second one ends the process. */
export function abortOnInterrupt(display: Display): AbortController {
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(130);
    display.note("stopping (Ctrl-C again: at once)");
    abort.abort(new Error("interrupted"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return abort;
}
