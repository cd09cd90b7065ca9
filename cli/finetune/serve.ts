import { type Command, Option } from "commander";
import { type Engine, engines } from "../../finetune/serve/engines.ts";
import { port } from "../port.ts";
import { Display } from "../progress.ts";
import { abortOnInterrupt } from "../solve.ts";
import { terminalStream, writeStdout } from "../terminal.ts";

interface Options {
  port: number;
  name?: string;
  engine?: Engine;
  server: boolean;
}

export function addServe(group: Command): void {
  group
    .command("serve")
    .description(
      "Enter a run's result into the catalog and serve it as an OpenAI-compatible endpoint on this machine, until Ctrl-C.",
    )
    .argument("<run>", "its name, as launch printed it")
    .option("--port <n>", "Where it listens, on 127.0.0.1.", port, 8000)
    .option("--name <name>", "What --model calls it; left out: the run's name.")
    .addOption(
      new Option(
        "--engine <which>",
        "What serves it; left out: vllm on GPUs, llama.cpp where the base's GGUF file is at hand, else LLaMA-Factory.",
      ).choices([...engines]),
    )
    .option("--no-server", "Only enter it: llama.cpp needs no server, --model <name> loads it.")
    .action(async (run: string, options: Options) => {
      process.exitCode = await serve(run, options);
    });
}

async function serve(run: string, { port, name = run, engine, server }: Options): Promise<number> {
  const [{ trainingResultOf }, { engineFor, registerResult, refusePort, startServer }] = await Promise.all([
    import("../../finetune/serve/result.ts"),
    import("../../finetune/serve/serve.ts"),
  ]);
  const tuning = await trainingResultOf(run);
  const display = new Display();
  const { signal } = abortOnInterrupt(display);
  if (server) await refusePort(port);
  const say = (line: string) => display.note(line);
  const options = {
    name,
    port,
    engine: engine ?? (await engineFor(tuning)),
    say,
    signal,
    printed: terminalStream(process.stderr),
  };
  const entry = await registerResult(tuning, options);
  display.note(`${name} is in the catalog: boardroom solve --model ${name} "<question>"`);
  if (!server) return 0;
  const { url, ended, stop } = await startServer(tuning, entry, options);
  writeStdout(`${url}\n`);
  display.note(`${name} is served by ${options.engine} until Ctrl-C`);
  const why = await Promise.race([ended, interrupted(signal)]);
  await stop();
  if (why !== null) throw new Error(why);
  return 0;
}

const interrupted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
