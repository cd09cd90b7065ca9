import { InvalidArgumentError } from "commander";

/** Reads a whole number from `least` up; thousands may be set off. */
export const integerAtLeast = (least: number) => (text: string) => {
  const number = text.trim() === "" ? Number.NaN : Number(text.replace(/[,_]/g, ""));
  if (!Number.isInteger(number) || number < least)
    throw new InvalidArgumentError(`A whole number from ${least} up.`);
  return number;
};

/** Reads a number above 0. */
export const positiveNumber = (text: string) => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("A number above 0.");
  return number;
};
