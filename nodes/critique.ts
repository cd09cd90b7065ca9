import { z } from "zod";
import { outputRoom } from "../models/catalog.ts";
import { generateObject } from "../models/generate-object.ts";
import type { OutputSchema } from "../models/structured.ts";
import { repairPrompt, speakerPrompt } from "./prompt.ts";
import { abstentionFrom, newUtterance } from "./solve.ts";
import { stage } from "./stage.ts";

const Critique = z.object({ agree: z.boolean(), objections: z.string().default("") });
const critiqueForm: OutputSchema<z.infer<typeof Critique>> = { name: "critique", schema: Critique };

/** The shortest critique that is of any use, in tokens. */
export const SHORTEST_CRITIQUE = 48;
const WANTED = 600;

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
    const wanted = Math.max(SHORTEST_CRITIQUE, Math.min(tokensPerTurn, outputRoom(call.model.entry, WANTED)));
    const options = { maxTokens: wanted, minTokens: SHORTEST_CRITIQUE, prompt, sampleIndex: turn.round };
    const { value, reasoning } = await generateObject(call, messages, options, critiqueForm, repairPrompt);
    const { agree, objections } = value;
    const text = objections.trim() || (agree ? "I agree." : "I do not agree.");
    return { transcript: [{ ...turn, agree, text, reasoning }] };
  } catch (error) {
    return { transcript: [{ ...turn, ...abstentionFrom(error) }] };
  }
});
