import type { Command } from "commander";
import { endStream, terminalStream } from "../terminal.ts";

export function addLogs(group: Command): void {
  group
    .command("logs")
    .description("Print what the trainer of a run printed.")
    .argument("<run>", "its name, as launch printed it")
    .option("-f, --follow", "Go on until the run ends.", false)
    .action(async (name: string, { follow }) => {
      const [{ launchers, latestStart }, { readRun }] = await Promise.all([
        import("../../finetune/launch/launchers.ts"),
        import("../../finetune/launch/run.ts"),
      ]);
      const run = readRun(name);
      const start = latestStart(run);
      if (!start) throw new Error(`run ${name} was never started, so it printed nothing.`);
      const abort = new AbortController();
      process.once("SIGINT", () => abort.abort());
      const streams = { out: terminalStream(process.stdout), notes: terminalStream(process.stderr) };
      await launchers[run.on].logs(start, streams, { follow, signal: abort.signal });
      await endStream(streams.out);
    });
}
