import type { Writable } from "node:stream";
import { execa, type ResultPromise } from "execa";
import { DataError } from "../../benchmarks/rows.ts";
import { ensureEnvironment } from "../environment.ts";
import { gpusHere } from "../launch/gpus.ts";
import { isFree } from "../launch/port.ts";
import { lastLine } from "../script.ts";
import { apiCommand, type Command, commandText, vllmCommand } from "./command.ts";
import type { Engine } from "./engines.ts";
import { tunedGguf, type WatchOptions } from "./gguf.ts";
import { type Entry, register, tunedEntry } from "./register.ts";
import type { TrainingResult } from "./result.ts";

export interface ServeOptions extends WatchOptions {
  name: string;
  port: number;
  engine: Engine;
  /** Gets what a server of its own process prints. */
  printed: Writable;
}

/** A server that answers. */
interface Server {
  /** As OPENAI_BASE_URL takes it. */
  url: string;
  /** Resolves when it has ended by itself, with why. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export async function engineFor({ recipe }: TrainingResult): Promise<Engine> {
  if ((await gpusHere()) > 0) return "vllm";
  return recipe.base.local ? "llama.cpp" : "llamafactory";
}

const urlAt = (port: number): string => `http://127.0.0.1:${port}/v1`;

/** Throws DataError before anything is made that would then be for nothing. */
export async function refusePort(port: number): Promise<void> {
  if (!(await isFree(port)))
    throw new DataError(`port ${port} of this machine is taken: choose another with --port.`);
}

/** Makes the result ready for its engine and enters it into the user's catalog: then `--model <name>` finds it. */
export async function registerResult(tuning: TrainingResult, options: ServeOptions): Promise<Entry> {
  const { name, port, engine } = options;
  const reached: Entry =
    engine === "llama.cpp"
      ? { name, provider: "llama.cpp", weights: await ggufOf(tuning, options), structured: "grammar" }
      : {
          name,
          baseURL: urlAt(port),
          ...(engine === "vllm" ? { continues: true } : { structured: "prompt" as const }),
        };
  const entry = tunedEntry(tuning, reached);
  register(entry);
  return entry;
}

async function ggufOf(tuning: TrainingResult, { say, signal, name }: ServeOptions): Promise<string> {
  if (!tuning.recipe.base.local)
    throw new DataError(
      `${name} cannot be served by llama.cpp: Boardroom has no GGUF file of ${tuning.recipe.base.model} to write the tuned weights into.`,
    );
  const watching = { ...(say && { say }), signal };
  return tunedGguf(tuning, await ensureEnvironment(watching), watching);
}

/** Starts a server on a result that was entered, and comes back when it answers. */
export async function startServer(
  tuning: TrainingResult,
  entry: Entry,
  options: ServeOptions,
): Promise<Server> {
  const { engine, port } = options;
  await refusePort(port);
  if (engine === "llama.cpp") return inProcess(entry, port);
  return started(await commandOf(tuning, options), options);
}

async function commandOf(
  tuning: TrainingResult,
  { engine, name, port, say, signal }: ServeOptions,
): Promise<Command> {
  if (engine === "vllm") return vllmCommand(tuning, { name, port, gpus: await gpusHere() });
  const { trainer } = await ensureEnvironment({ ...(say && { say }), signal });
  return apiCommand(tuning, { name, port, trainer });
}

async function inProcess({ name, weights = "", context = 8192 }: Entry, port: number): Promise<Server> {
  const { serveGguf } = await import("../../models/llama/server.ts");
  const server = await serveGguf({ path: weights, name, contextSize: context }, port);
  return { ...server, ended: new Promise(() => {}) };
}

/** A server of this size takes minutes to load its weights. */
const POLL_MS = 500;

async function started(command: Command, { say, signal, port, printed }: ServeOptions): Promise<Server> {
  say?.(commandText(command));
  const child = execa(command.file, command.args, {
    env: command.env,
    stdin: "ignore",
    stdout: ["pipe", printed],
    stderr: ["pipe", printed],
    reject: false,
    forceKillAfterDelay: 10_000,
    maxBuffer: 1_000_000,
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await child;
  };
  signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  const ended = lastWords(child, command);
  let over: string | undefined;
  void ended.then((why) => {
    over = why;
  });
  while (!(await answers(urlAt(port)))) {
    signal?.throwIfAborted();
    if (over !== undefined) throw new Error(over);
    await new Promise((go) => setTimeout(go, POLL_MS));
  }
  return { url: urlAt(port), ended, stop };
}

async function lastWords(child: ResultPromise, { file }: Command): Promise<string> {
  const { code, exitCode, stderr } = await child;
  if (code === "ENOENT")
    return `there is no ${file} on the PATH: install it (pip install ${file}), or choose another --engine.`;
  return `${file} ended with exit code ${exitCode}: ${lastLine(String(stderr ?? ""))}`;
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/models`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
