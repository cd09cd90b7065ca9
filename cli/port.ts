import { InvalidArgumentError } from "commander";

/** Reads the value of `--port`. */
export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new InvalidArgumentError("A port is 1 to 65535.");
  return number;
}
