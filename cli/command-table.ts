import type { Command } from "commander";

/** Adds a command to the one it belongs to. `words` is what follows its name on the command line: a group looks there for its own. */
export type AddCommand = (parent: Command, words: readonly string[]) => void | Promise<void>;

/** Commands by name: what their parent's help says of them, and their file, loaded when one is asked for. */
export type CommandTable = Readonly<
  Record<string, readonly [summary: string, load: () => Promise<AddCommand>]>
>;

/** Adds the command that the words name, and of all others what their parent's help shows. */
export async function addCommands(
  parent: Command,
  table: CommandTable,
  words: readonly string[],
): Promise<void> {
  const operands = words.filter((word) => !word.startsWith("-"));
  const [name, ...following] = operands[0] === "help" ? operands.slice(1) : operands;
  for (const [known, [summary, load]] of Object.entries(table)) {
    if (known === name) await (await load())(parent, following);
    else parent.command(known).summary(summary);
  }
}
