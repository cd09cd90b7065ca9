import { InvalidArgumentError } from "commander";

/** Reads a whole number from `least` up; thousands may be set off. */
export const whole = (least: number) => (text: string) => {
  const number = Number(text.replace(/[,_]/g, ""));
  if (!Number.isInteger(number) || number < least)
    throw new InvalidArgumentError(`A whole number from ${least} up.`);
  return number;
};
