import type { Trainer } from "./launcher.ts";

/** Text as one word of a POSIX shell. */
export const shellQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The lines that prepare a trainer's environment. */
export const environmentLines = ({ env, path }: Trainer): string[] => [
  ...(path ? [`export PATH=${shellQuote(path)}:"$PATH"`] : []),
  ...Object.entries(env).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
];

export const trainCommand = ({ command }: Trainer): string =>
  [...command.map(shellQuote), "train", "train.yaml"].join(" ");

/** Leaves the exit code of the last command in the file `exit`, whole or not at all, and ends with it. */
export const leaveExitCode = ["code=$?", 'echo "$code" > exit.part && mv exit.part exit', 'exit "$code"'];
