import { Client } from "@langchain/langgraph-sdk";
import type { State } from "../../state/state.ts";
import { runInfo } from "../run-info.ts";

const experts = ["Ada", "Blaise", "Carl", "Daphne"];
const sentence =
  "The third step takes for granted what the second one was to show, so let us look at it again. ";

/** Puts a finished run of so many utterances on a thread of its own; returns the thread. */
export async function longRun(origin: string, utterances: number): Promise<string> {
  const transcript: State["transcript"] = Array.from({ length: utterances }, (_, at) => ({
    id: `u${at}`,
    turn: 1 + Math.floor(at / 50),
    round: Math.floor((at % 50) / 4),
    step: 2 + at,
    kind: at % 4 === 0 ? (at % 50 === 0 ? "draft" : "revision") : "critique",
    expert: experts[at % 4]!,
    text: `Number ${at}. ${sentence.repeat(20)}`,
    reasoning: sentence.repeat(30),
    answer: at % 4 === 0 ? String(at) : null,
    agree: at % 4 === 0 ? null : at % 3 === 0,
    abstained: null,
    error: null,
  }));
  const candidates = transcript
    .filter(({ answer }) => answer !== null)
    .map(({ id }) => ({ id, check: null, verdict: null }));
  const values = {
    task: { question: "A question that was discussed for long.", kind: "open" as const },
    run: runInfo({ budget: { tokens: 1_000_000, usd: null, seconds: null } }),
    ...{ transcript, candidates, status: "stopped", answer: "196" },
  };
  const client = new Client({ apiUrl: origin });
  const { thread_id } = await client.threads.create({
    graphId: "ceo",
    supersteps: [{ updates: [{ values, asNode: "conclude" }] }],
  });
  return thread_id;
}
