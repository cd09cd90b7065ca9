import type { Command } from "commander";
import { ended, printed } from "../terminal.ts";

export function addLogs(group: Command): void {
  group
    .command("logs")
    .description("Print what the trainer of a run printed.")
    .argument("<run>", "its name, as launch printed it")
    .option("-f, --follow", "Go on until the run ends.", false)
    .action(async (name: string, { follow }) => {
      const [{ launchers, placed }, { readRun }] = await Promise.all([
        import("../../finetune/launch/launchers.ts"),
        import("../../finetune/launch/run.ts"),
      ]);
      const run = readRun(name);
      const start = placed(run);
      if (!start) throw new Error(`run ${name} was never started, so it printed nothing.`);
      const abort = new AbortController();
      process.once("SIGINT", () => abort.abort());
      const streams = { out: printed(process.stdout), notes: printed(process.stderr) };
      await launchers[run.on].logs(start, streams, { follow, signal: abort.signal });
      await ended(streams.out);
    });
}
