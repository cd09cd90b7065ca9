import { Command } from "commander";
import { vi } from "vitest";
import type { AddCommand } from "../../cli/command-table.ts";
import { exitCodeOf } from "../../cli/fail.ts";
import type { Ended } from "./boardroom.ts";

type Write = typeof process.stdout.write;

/** A command as cli/main.ts runs it, without a process of its own, which takes seconds to start. */
export async function inProcess(add: AddCommand, args: string[]): Promise<Ended> {
  const program = new Command("boardroom").exitOverride();
  await add(program, args.slice(1));
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation(((
      text: string | Uint8Array,
      ...rest: unknown[]
    ) => {
      said[stream] += text.toString();
      for (const done of rest) if (typeof done === "function") done();
      return true;
    }) as Write),
  );
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: "user" });
    return { code: Number(process.exitCode), ...said };
  } catch (error) {
    const code = exitCodeOf(error);
    return { code, ...said };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}
