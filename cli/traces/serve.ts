import type { Command } from "commander";
import { UsageError } from "../fail.ts";
import { port } from "../port.ts";
import { writeStderr, writeStdout } from "../terminal.ts";

export function addTracesServe(traces: Command): void {
  traces
    .command("serve")
    .description("Serve the local store on loopback, for any LangSmith client.")
    .option("--port <n>", "The port, on loopback.", port, 1984)
    .action(async (options: { port: number }) => serve(options.port));
}

/** Until it is interrupted. Requests that have begun are answered first. */
async function serve(number: number): Promise<void> {
  const { serveLocalStore } = await import("../../tracing/local/index.ts");
  const store = await serveLocalStore({ port: number }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EADDRINUSE"
      ? new UsageError(`port ${number} is taken: choose another with --port.`)
      : error;
  });
  writeStdout(`${store.url}\n`);
  writeStderr(
    `The local store ${store.file} speaks LangSmith's API, a part of it. To trace to it from another program:\n` +
      `  LANGSMITH_ENDPOINT=${store.url} LANGSMITH_API_KEY=local LANGSMITH_TRACING=true\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await store.close();
}
