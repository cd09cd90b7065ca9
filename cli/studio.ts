import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import open from "open";
import { packageRoot } from "../paths.ts";
import type { SettingsFile } from "../runtime/settings-file.ts";
import { DEFAULTS_VARIABLE } from "../state/settings.ts";
import { UsageError } from "./fail.ts";
import { settingsFileFrom, settingsFrom, traceFrom, withSettings } from "./options.ts";
import { withPause } from "./pause/pause-option.ts";
import { port } from "./port.ts";
import { registerAssistants, shippedSettings } from "./studio/assistants.ts";
import { FOLDER_VARIABLE } from "./studio/folder-routes.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

export function addStudio(program: Command): void {
  const command = program
    .command("studio")
    .description(
      "Start LangGraph's dev server with the four graphs and open the local page; LangGraph Studio can use it too.",
    )
    .option("--port <n>", "The port, on loopback.", port, 2024)
    .option("--no-browser", "Do not open a browser.");
  withSettings(withPause(command)).action(async (options) => {
    process.exitCode = await serve(options.port, options.browser, options);
  });
}

async function serve(number: number, browser: boolean, options: Record<string, unknown>): Promise<number> {
  await free(number);
  const { openTracing } = await import("../tracing/index.ts");
  const tracing = await openTracing(traceFrom(options), (line) => writeStderr(`${line}\n`));
  const settings = settingsFrom(options);
  const cli = createRequire(import.meta.url).resolve("@langchain/langgraph-cli/package.json");
  const args = [
    join(cli, "..", "dist", "cli", "cli.mjs"),
    "dev",
    "--host",
    "127.0.0.1",
    "--port",
    String(number),
    "--config",
    join(packageRoot, "langgraph.json"),
    // It would open Studio.
    "--no-browser",
  ];
  const child = spawn(process.execPath, args, {
    cwd: packageRoot,
    // A group of its own: the dev server's children outlive it otherwise.
    detached: process.platform !== "win32",
    stdio: ["ignore", 2, 2],
    env: {
      ...process.env,
      LANGGRAPH_CLI_NO_ANALYTICS: "1",
      ...(await tracing.environment()),
      [DEFAULTS_VARIABLE]: JSON.stringify(settings),
      [FOLDER_VARIABLE]: process.cwd(),
    },
  });
  const base = `http://127.0.0.1:${number}`;
  writeStdout(`${base}\nStudio: https://smith.langchain.com/studio?baseUrl=${base}\n`);
  const own = settingsFileFrom(options);
  void furnished(base, [...shippedSettings(), ...(own ? [own] : [])], browser);
  const kill = () => {
    try {
      if (child.pid) process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGTERM");
    } catch {
      // it has ended already
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, kill);
  process.on("exit", kill);
  return new Promise<number>((resolve) => {
    child.on("error", (error) => {
      writeStderr(`boardroom: the dev server did not start: ${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code, signal) => resolve(signal ? 0 : (code ?? 1)));
  }).finally(() => tracing.end());
}

/** Once the server answers, it gets the assistants, and the page is opened; a machine without a browser has its address. */
async function furnished(base: string, files: readonly SettingsFile[], browser: boolean): Promise<void> {
  if (!(await answers(base))) return;
  await registerAssistants(base, files).catch((error: Error) =>
    writeStderr(`boardroom: Studio lacks assistants: ${error.message}\n`),
  );
  if (browser) await open(base).catch(() => undefined);
}

/** Waits for the server, half a minute at most. */
async function answers(base: string): Promise<boolean> {
  for (let tries = 0; tries < 120; tries++) {
    const ready = await fetch(`${base}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return true;
    await sleep(250);
  }
  return false;
}

/** Throws UsageError where something else listens on the port. */
function free(number: number): Promise<void> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", () => reject(new UsageError(`port ${number} is taken: choose another with --port.`)));
    probe.listen(number, "127.0.0.1", () => probe.close(() => resolve()));
  });
}
