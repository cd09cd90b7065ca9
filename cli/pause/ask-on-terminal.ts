import { createInterface } from "node:readline/promises";
import { type AnswerInput, checkedAnswer, type PauseRequest } from "../../state/pause.ts";
import { writeStderr } from "../terminal.ts";
import { parseChange } from "./parse-change.ts";
import { pauseText } from "./pause-text.ts";

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
    return text ? { type: "change", ...parseChange(text) } : null;
  } catch (error) {
    writeStderr(`${(error as Error).message}\n`);
    return null;
  }
}
