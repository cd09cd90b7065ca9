import { extract } from "../answers/answer.ts";
import { EndpointError } from "../models/errors.ts";
import { generateText } from "../models/generate-text.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Utterance } from "../state/discussion.ts";
import { minSolveTokens } from "./min-tokens.ts";
import { speakerPrompt } from "./prompt.ts";
import { solveReplyTokens } from "./reply-tokens.ts";
import { stage } from "./stage.ts";
import { abstentionFrom, newUtterance } from "./utterance.ts";

/** Drafts, or writes a solution anew after what was said. */
export const solve = stage("solve", async (state, context) => {
  const turn = newUtterance(state, context, state.next!.situation === "draft" ? "draft" : "revision");
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  const best = bestCandidateOf(state)?.candidate ?? null;
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
    const wanted = solveReplyTokens(call.model.entry, tokensPerTurn, context.settings);
    const minTokens = Math.min(minSolveTokens(context.settings), wanted);
    const reply = await generateText(call, messages, {
      maxTokens: wanted,
      minTokens,
      prompt,
      sampleIndex: sampleOf(turn.expert),
    });
    if (!reply.text)
      return {
        transcript: [{ ...turn, reasoning: reply.reasoning, abstained: "unparsable", error: "said nothing" }],
      };
    const { answer } = extract(reply.text, state.task);
    const utterance: Utterance = { ...turn, text: reply.text, reasoning: reply.reasoning, answer };
    if (answer === null) return { transcript: [utterance] };
    return { transcript: [utterance], candidates: [{ id: utterance.id, check: null, verdict: null }] };
  } catch (error) {
    if (context.expert === null && error instanceof EndpointError) throw error; // nobody else is there to go on
    return { transcript: [{ ...turn, ...abstentionFrom(error) }] };
  }
});

/** The samples of a vote are asked the same question: their number tells recordings and seeds apart. */
const sampleOf = (name: string) => Number(/^Sample (\d+)$/.exec(name)?.[1] ?? 0);
