import { type Command, InvalidArgumentError } from "commander";
import type { Settings } from "../../state/settings.ts";

type PauseSettings = Pick<Settings, "pauseRecruit" | "pauseDecision" | "pauseTokens">;

/** `recruit,decision,spend:5000`, or `none`. */
function parsePauses(text: string): PauseSettings {
  const settings: PauseSettings = { pauseRecruit: false, pauseDecision: false, pauseTokens: null };
  if (text.trim() === "none") return settings;
  for (const word of text.split(",").map((one) => one.trim())) {
    const [, tokens] = /^spend:(\d[\d_]*)$/.exec(word) ?? [];
    if (word === "recruit") settings.pauseRecruit = true;
    else if (word === "decision") settings.pauseDecision = true;
    else if (tokens && Number(tokens.replaceAll("_", "")) > 0)
      settings.pauseTokens = Number(tokens.replaceAll("_", ""));
    else throw new InvalidArgumentError("Pauses are recruit, decision and spend:TOKENS, or none.");
  }
  return settings;
}

export const withPause = (command: Command): Command =>
  command.option(
    "--pause <when>",
    "Ask a person: after recruit, before a decision takes effect, before spend:TOKENS is passed; a list, or none.",
    parsePauses,
  );
