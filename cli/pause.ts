import { createInterface } from "node:readline/promises";
import { type Command, InvalidArgumentError } from "commander";
import { AnswerError, type AnswerInput, checkedAnswer, type PauseRequest } from "../state/pause.ts";
import type { Settings } from "../state/settings.ts";
import { UsageError } from "./fail.ts";
import { terminalSafe, writeStderr } from "./terminal.ts";

type PauseSettings = Pick<Settings, "pauseRecruit" | "pauseDecision" | "pauseTokens">;

/** `recruit,decision,spend:5000`, or `none`. */
export function pausesOf(text: string): PauseSettings {
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
    pausesOf,
  );

/** Flags that answer a thread that waits. */
export const withAnswer = (command: Command): Command =>
  command
    .option("--approve", "With --resume: let a paused run go on as it proposes.")
    .option(
      "--change <what>",
      'With --resume: go on otherwise: "rounds=1 experts=2", "Ada: topology; Blaise: probability", or JSON.',
    )
    .option(
      "--message <text>",
      "With --resume: say something to the team; approves, unless --change or --stop.",
    )
    .option("--stop", "With --resume: end a paused run with the answer that stands.")
    .option("--by <name>", "Who answers; kept in the record.");

interface AnswerFlags {
  approve?: true;
  change?: string;
  message?: string;
  stop?: true;
  by?: string;
}

/** What the flags answer; undefined where they do not. Throws UsageError. */
export function answerFrom({ approve, change, message, stop, by }: AnswerFlags): AnswerInput | undefined {
  const types = [approve && "approve", change !== undefined && "change", stop && "stop"].filter(Boolean);
  if (types.length > 1) throw new UsageError("give one of --approve, --change and --stop.");
  const [type = message === undefined ? undefined : "approve"] = types as ("approve" | "change" | "stop")[];
  if (type === undefined) return undefined;
  const common = { type, ...(by && { by }), ...(message && { message }) };
  if (change === undefined) return common;
  try {
    return { ...common, ...changeOf(change) };
  } catch (error) {
    throw new UsageError(`--change: ${(error as Error).message}`);
  }
}

/** A change as a person types it: `rounds=1 experts=2`, `Ada: topology; Blaise: probability`, or JSON. Throws AnswerError. */
export function changeOf(text: string): Pick<Exclude<AnswerInput, string>, "plan" | "experts"> {
  const words = text.trim();
  if (/^[[{]/.test(words)) {
    try {
      const value = JSON.parse(words);
      return Array.isArray(value) ? { experts: value } : { plan: value };
    } catch (error) {
      throw new AnswerError(`this is no JSON: ${(error as Error).message}`);
    }
  }
  if (/^\w+\s*=/.test(words)) return { plan: Object.fromEntries(pairs(words)) };
  const experts = words.split(";").map((one) => {
    const [name = "", ...rest] = one.split(":");
    return { name: name.trim(), expertise: rest.join(":").trim() };
  });
  if (experts.some(({ name }) => name === ""))
    throw new AnswerError('name experts as "Ada: topology; Blaise"');
  return { experts };
}

/** Each value ends where the next `key=` begins. */
function pairs(words: string): [string, unknown][] {
  return words.split(/[\s,;]+(?=\w+\s*=)/).map((pair) => {
    const [key = "", ...rest] = pair.split("=");
    const value = rest
      .join("=")
      .trim()
      .replace(/^"(.*)"$/, "$1");
    const number = Number(value);
    return [key.trim(), value !== "" && !Number.isNaN(number) ? number : value];
  });
}

const help = {
  decision: "rounds=1 experts=2 direction=…, or action=finish",
  spend: "rounds=1 experts=2 direction=…",
  recruit: "the whole team, as Ada: topology; Blaise: probability",
} as const;

/** Asks on the terminal, until an answer fits. Null where the terminal is closed or the run is to end. */
export async function askOnTerminal(pause: PauseRequest, signal: AbortSignal): Promise<AnswerInput | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  terminal.on("close", () => closed.abort());
  const ask = (text: string) => terminal.question(text, { signal: AbortSignal.any([signal, closed.signal]) });
  try {
    writeStderr(`${pauseText(pause)}\n`);
    for (;;) {
      const word = (await ask("(a)pprove, (c)hange, (m)essage or (s)top? ")).trim().toLowerCase();
      const answer = await answerOf(word, pause, ask);
      if (answer === null) continue;
      try {
        checkedAnswer(answer, pause);
        return answer;
      } catch (error) {
        writeStderr(`${(error as Error).message}\n`);
      }
    }
  } catch (error) {
    if ((error as Error).name === "AbortError") return null;
    throw error;
  } finally {
    terminal.close();
  }
}

async function answerOf(
  word: string,
  { at }: PauseRequest,
  ask: (text: string) => Promise<string>,
): Promise<AnswerInput | null> {
  if (word === "a" || word === "approve") return { type: "approve" };
  if (word === "s" || word === "stop") return { type: "stop" };
  if (word === "m" || word === "message") {
    const message = (await ask("To the team: ")).trim();
    return message ? { type: "approve", message } : null;
  }
  if (word !== "c" && word !== "change") return null;
  const text = (await ask(`What (${help[at]})? `)).trim();
  try {
    return text ? { type: "change", ...changeOf(text) } : null;
  } catch (error) {
    writeStderr(`${(error as Error).message}\n`);
    return null;
  }
}

/** What is asked, in words. */
export function pauseText({
  question,
  at,
  decision,
  actions,
  experts,
  spent,
  next,
  limit,
}: PauseRequest): string {
  const count = (tokens: number) => Math.round(tokens).toLocaleString("en-US");
  const money = `${count(spent)} tokens spent${next ? `, ${count(next)} at most next` : ""}${limit ? `, asked beyond ${count(limit)}` : ""}`;
  const lines = [`paused  ${question}`];
  if (at === "recruit")
    lines.push(...experts.map(({ name, expertise }) => `  ${name}${expertise ? `: ${expertise}` : ""}`));
  else if (decision && actions.length > 0) {
    const { action, experts: speakers, format, rounds, tokensPerTurn, direction } = decision.applied;
    const opens = action === "recruit" || action === "discuss";
    if (!opens) lines.push(`  action=${action}`);
    else
      lines.push(
        `  action=${action} experts=${speakers} format=${format} rounds=${rounds} tokensPerTurn=${tokensPerTurn}${direction ? ` direction=${direction}` : ""}`,
      );
    if (decision.reason) lines.push(`  because: ${decision.reason}`);
    if (actions.length > 1)
      lines.push(`  it may also be: ${actions.filter((one) => one !== action).join(", ")}`);
  }
  return terminalSafe([...lines, `  ${money}`].join("\n"));
}

/** How a paused thread goes on without a terminal. */
export const howToGoOn = (thread: string): string =>
  `Go on with: boardroom solve --resume ${thread} --approve (or --change, --message, --stop; --help says how)`;
