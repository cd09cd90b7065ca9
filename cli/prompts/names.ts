import { type PromptName, promptNames } from "../../prompts/prompt-file.ts";
import { UsageError } from "../fail.ts";

/** A prompt by its name. Throws UsageError. */
export function promptNamed(word: string): PromptName {
  const name = promptNames.find((known) => known === word);
  if (!name) throw new UsageError(`there is no prompt ${word}: choose of ${promptNames.join(", ")}.`);
  return name;
}

/** The prompts that were named; all where none was. Throws UsageError. */
export const promptsNamed = (words: readonly string[]): PromptName[] =>
  words.length > 0 ? words.map(promptNamed) : [...promptNames];
