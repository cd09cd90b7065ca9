import { type Command, Option } from "commander";
import { kinds } from "../answers/problem.ts";
import { mayPause } from "../state/settings.ts";
import { UsageError } from "./fail.ts";
import { integerAtLeast } from "./numbers.ts";
import { prepare, settingsFrom, traceFrom, withSettings } from "./options.ts";
import { port } from "./port.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description(
      "Serve the team as a model: OpenAI's API with boardroom-ceo, -team, -vote and -solo. BOARDROOM_API_KEY, if set, is asked of callers.",
    )
    .option("--port <n>", "The port.", port, 8600)
    .option("--host <address>", "Where to listen; beyond loopback only with BOARDROOM_API_KEY.", "127.0.0.1")
    .addOption(
      new Option("--kind <kind>", "What kind of answer is asked for, where a request does not say.").choices([
        ...kinds,
      ]),
    )
    .addOption(
      new Option("--max-runs <n>", "Requests that are worked on at once; more are answered with 429.")
        .argParser(integerAtLeast(1))
        .default(64),
    );
  withSettings(command).action((options) => serve(options));
}

type Flags = Record<string, unknown> & { port: number; host: string; trace?: string };

const KEEP_ALIVE_MS = 15_000;
const loopback = /^(127(\.\d{1,3}){3}|localhost|::1)$/;

/** Until it is interrupted. */
async function serve(options: Flags): Promise<void> {
  const { port, host } = options;
  const key = process.env.BOARDROOM_API_KEY?.trim() || null;
  const local = loopback.test(host);
  if (!local && key === null)
    throw new UsageError(
      `--host ${host} lets other machines in: set BOARDROOM_API_KEY, which callers then have to send.`,
    );
  const say = (line: string) => writeStderr(`${line}\n`);
  const interrupted = new AbortController();
  const stop = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new Error("interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

  const [{ openTracing }, { Display }, { app }, { listen }, { Runs }] = await Promise.all([
    import("../tracing/index.ts"),
    import("./progress.ts"),
    import("./serve/app.ts"),
    import("./serve/listen.ts"),
    import("./serve/runs.ts"),
  ]);
  const settings = settingsFrom(options);
  const tracing = await openTracing(traceFrom(options), say);
  const runs = new Runs(Number(options.maxRuns));
  try {
    if (mayPause(await prepare(settings, new Display(), interrupted.signal)))
      throw new UsageError("a served team asks no person: leave out the settings that pause a run.");
    const kind = kinds.find((one) => one === options.kind);
    const { callbacks } = tracing;
    const served = app({
      ...{ settings, kind, callbacks, runs, keepAliveMs: KEEP_ALIVE_MS },
      ...{ key, loopbackPort: local ? port : null, say },
    });
    const server = await listen(served.fetch, host, port);
    writeStdout(`http://${host.includes(":") ? `[${host}]` : host}:${port}/v1\n`);
    say(`OpenAI's API, ${key === null ? "without a key" : "with BOARDROOM_API_KEY"}; Ctrl-C stops it.`);
    await new Promise((resolve) => interrupted.signal.addEventListener("abort", resolve, { once: true }));
    say("stopping (Ctrl-C again: at once)");
    const unfinished = await runs.stop();
    await server.close();
    if (unfinished.length > 0)
      say(
        `${unfinished.length} ${unfinished.length === 1 ? "run was" : "runs were"} unfinished: ${unfinished.join(", ")}`,
      );
  } finally {
    await tracing.end();
  }
}
