import { z } from "zod";
import { generateObject } from "../models/generate-object.ts";
import type { OutputSchema } from "../models/structured.ts";
import { MIN_CRITIQUE_TOKENS } from "./min-tokens.ts";
import { repairPrompt, speakerPrompt } from "./prompt.ts";
import { critiqueReplyTokens } from "./reply-tokens.ts";
import { stage } from "./stage.ts";
import { abstentionFrom, newUtterance } from "./utterance.ts";

const Critique = z.object({ agree: z.boolean(), objections: z.string().default("") });
const critiqueForm: OutputSchema<z.infer<typeof Critique>> = { name: "critique", schema: Critique };

/** Agrees with the lead's solution, or objects to it. A critique that cannot be read is an abstention. */
export const critique = stage("critique", async (state, context) => {
  const turn = newUtterance(state, context, "critique");
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  try {
    const call = await context.callContext();
    const { share } = state.next!;
    const { messages, prompt } = speakerPrompt(
      state,
      context.settings,
      call.model,
      turn.expert,
      "criticise",
      null,
      share.tokens,
    );
    const wanted = critiqueReplyTokens(call.model.entry, tokensPerTurn);
    const options = { maxTokens: wanted, minTokens: MIN_CRITIQUE_TOKENS, prompt, sampleIndex: turn.round };
    const { value, reasoning } = await generateObject(call, messages, options, critiqueForm, repairPrompt);
    const { agree, objections } = value;
    const text = objections.trim() || (agree ? "I agree." : "I do not agree.");
    return { transcript: [{ ...turn, agree, text, reasoning }] };
  } catch (error) {
    return { transcript: [{ ...turn, ...abstentionFrom(error) }] };
  }
});
