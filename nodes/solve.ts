import { extract } from "../answers/answer.ts";
import { CassetteMiss } from "../models/cassette.ts";
import { EndpointError, UnparsableReply } from "../models/errors.ts";
import { generateText } from "../models/generate-text.ts";
import { ContextOverflow, OutOfBudget } from "../models/ledger.ts";
import type { Abstention, Utterance } from "../state/state.ts";
import { minSolveTokens } from "./begin.ts";
import { bestCandidate } from "./candidates.ts";
import { speakerPrompt } from "./prompt.ts";
import { type NodeContext, type RunningState, stage } from "./stage.ts";

/** Drafts, or writes a solution anew after what was said. */
export const solve = stage("solve", async (state, context) => {
  const turn = newUtterance(state, context, state.next!.situation === "draft" ? "draft" : "revision");
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  const best = bestCandidate(state.candidates, state.task, context.settings.rule)?.candidate ?? null;
  try {
    const call = await context.callContext();
    const { messages, prompt } = speakerPrompt(
      state,
      context.settings,
      call.model,
      turn.expert,
      state.next!.situation,
      best,
      state.next!.share.tokens,
    );
    const wanted = Math.min(tokensPerTurn, context.settings.maxTokensPerTurn);
    const floor = Math.min(minSolveTokens(context.settings), wanted);
    const reply = await generateText(call, messages, {
      maxTokens: wanted,
      minTokens: floor,
      prompt,
      sampleIndex: sampleOf(turn.expert),
    });
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
    if (context.expert === null && error instanceof EndpointError) throw error; // nobody else is there to go on
    return { transcript: [{ ...turn, ...abstentionFrom(error) }] };
  }
});

/** The samples of a vote are asked the same question: their number tells recordings and seeds apart. */
const sampleOf = (name: string) => Number(/^Sample (\d+)$/.exec(name)?.[1] ?? 0);

/** An utterance of the expert whose turn it is, still empty. */
export function newUtterance(state: RunningState, context: NodeContext, kind: Utterance["kind"]): Utterance {
  const { turn, round, who } = state.next!;
  const expert = context.expert ?? who[0]!;
  return {
    id: `${context.step}-${expert}`,
    turn,
    round,
    step: context.step,
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
export function abstentionFrom(error: unknown): Pick<Utterance, "error"> & Partial<Utterance> {
  const because = (abstained: Abstention) => ({ abstained, error: (error as Error).message });
  if (error instanceof OutOfBudget) return because(error.account);
  if (error instanceof ContextOverflow) return because("context");
  if (error instanceof UnparsableReply) return { ...because("unparsable"), reasoning: error.reasoning };
  if (error instanceof EndpointError && !(error instanceof CassetteMiss)) return because("endpoint");
  throw error;
}
