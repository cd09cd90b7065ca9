import { extract } from "../answers/answer.ts";
import type { Abstention, Utterance } from "../graphs/state.ts";
import { CassetteMiss } from "../models/cassette.ts";
import { say } from "../models/chat.ts";
import { EndpointError, Unparsable } from "../models/errors.ts";
import { ContextOverflow, OutOfBudget } from "../models/ledger.ts";
import { shortest } from "./begin.ts";
import { speech } from "./brief.ts";
import { choose } from "./candidates.ts";
import { type Desk, type Ready, stage } from "./stage.ts";

/** Drafts, or writes a solution anew after what was said. */
export const solve = stage("solve", async (state, desk) => {
  const turn = speaking(state, desk, state.next!.situation === "draft" ? "draft" : "revision");
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  const best = choose(state.candidates, state.task, desk.settings.rule)?.candidate ?? null;
  try {
    const line = await desk.line();
    const { messages, prompt } = speech(
      state,
      desk.settings,
      line.model,
      turn.expert,
      state.next!.situation,
      best,
      state.next!.share.tokens,
    );
    const wanted = Math.min(tokensPerTurn, desk.settings.maxTokensPerTurn);
    const floor = Math.min(shortest(desk.settings), wanted);
    const reply = await say(line, messages, { wanted, floor, prompt, repeat: sampleOf(turn.expert) });
    if (!reply.text)
      return {
        transcript: [{ ...turn, reasoning: reply.reasoning, abstained: "unparsable", error: "said nothing" }],
      };
    const { answer } = extract(reply.text, state.task);
    const { id, expert, step, turn: turnNumber } = turn;
    const said: Utterance = { ...turn, text: reply.text, reasoning: reply.reasoning, answer };
    if (answer === null) return { transcript: [said] };
    const fresh = {
      id,
      expert,
      step,
      turn: turnNumber,
      answer,
      text: reply.text,
      verified: null,
      check: null,
      verdict: null,
    };
    return { transcript: [said], candidates: [fresh] };
  } catch (error) {
    if (desk.expert === null && error instanceof EndpointError) throw error; // nobody else is there to go on
    return { transcript: [{ ...turn, ...abstention(error) }] };
  }
});

/** The samples of a vote are asked the same question: their number tells recordings and seeds apart. */
const sampleOf = (name: string) => Number(/^Sample (\d+)$/.exec(name)?.[1] ?? 0);

/** An utterance of the expert that has the floor, with nothing said yet. */
export function speaking(state: Ready, desk: Desk, kind: Utterance["kind"]): Utterance {
  const { turn, round, who } = state.next!;
  const expert = desk.expert ?? who[0]!;
  return {
    id: `${desk.step}-${expert}`,
    turn,
    round,
    step: desk.step,
    kind,
    expert,
    text: "",
    reasoning: "",
    answer: null,
    agree: null,
    abstained: null,
    error: null,
  };
}

/** One expert's failure never loses the others' work: it is recorded as an abstention. Other errors are thrown on. */
export function abstention(error: unknown): Pick<Utterance, "error"> & Partial<Utterance> {
  const because = (abstained: Abstention) => ({ abstained, error: (error as Error).message });
  if (error instanceof OutOfBudget) return because(error.account);
  if (error instanceof ContextOverflow) return because("context");
  if (error instanceof Unparsable) return { ...because("unparsable"), reasoning: error.reasoning };
  if (error instanceof EndpointError && !(error instanceof CassetteMiss)) return because("endpoint");
  throw error;
}
