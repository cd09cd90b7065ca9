import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { packageRoot } from "../paths.ts";
import { mayPause, Settings } from "../state/settings.ts";
import { UsageError } from "./fail.ts";
import { asMode, prepare, settingsFileFrom, settingsFrom, traceFrom, withSettings } from "./options.ts";
import { writeStderr } from "./terminal.ts";

export function addMcp(program: Command): void {
  const command = program
    .command("mcp")
    .description(
      "Serve the team as a tool: the Model Context Protocol on stdin and stdout, with one tool, solve. Ends when stdin does.",
    );
  withSettings(command).action((options) => serveTool(options));
}

/** Until stdin ends or it is interrupted. */
async function serveTool(options: Record<string, unknown> & { trace?: string }): Promise<void> {
  const settings = settingsFrom(options);
  if (mayPause(Settings.parse(settings)))
    throw new UsageError("a tool asks no person: leave out the settings that pause a run.");
  // stdout is the protocol's alone, whatever a library has to say.
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
  const say = (line: string) => writeStderr(`${line}\n`);
  const ended = new AbortController();
  const end = () => {
    if (ended.signal.aborted) process.exit(130);
    ended.abort(new Error("interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  const [{ openTracing }, { Display }, { mcpServer }, { StdioServerTransport }] = await Promise.all([
    import("../tracing/index.ts"),
    import("./progress.ts"),
    import("./mcp/server.ts"),
    import("@modelcontextprotocol/sdk/server/stdio.js"),
  ]);
  const tracing = await openTracing(traceFrom(options), say);
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const display = new Display();
  let opened: Promise<unknown> | undefined;
  /** Not before the first call: a client waits for the handshake, and weights may have to be fetched. */
  const ready = () => {
    opened ??= prepare(settings, display, ended.signal).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const { server, idle } = mcpServer({
    ...{ version, settings, ready, say },
    mode: asMode(settingsFileFrom(options)?.mode ?? "ceo"),
    callbacks: tracing.callbacks,
    signal: ended.signal,
  });
  try {
    const closed = new Promise((resolve) => {
      ended.signal.addEventListener("abort", resolve, { once: true });
      process.stdin.once("end", resolve).once("close", resolve);
      process.stdout.once("error", resolve);
    });
    await server.connect(new StdioServerTransport());
    say("MCP on stdin and stdout, with the tool solve; ends when stdin does.");
    await closed;
    ended.abort(new Error("interrupted"));
    await Promise.all([server.close(), idle()]);
  } finally {
    await tracing.end();
  }
}
