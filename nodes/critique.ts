import { z } from "zod";
import { replyRoom } from "../models/catalog.ts";
import { decide } from "../models/decide.ts";
import type { Structure } from "../models/structured.ts";
import { repair, speech } from "./brief.ts";
import { abstention, speaking } from "./solve.ts";
import { stage } from "./stage.ts";

const Critique = z.object({ agree: z.boolean(), objections: z.string().default("") });
const critiqueForm: Structure<z.infer<typeof Critique>> = { name: "critique", schema: Critique };

/** The shortest critique that is of any use, in tokens. */
export const SHORTEST_CRITIQUE = 48;
const WANTED = 600;

/** Agrees with the lead's solution, or objects to it. A critique that cannot be read is an abstention. */
export const critique = stage("critique", async (state, desk) => {
  const turn = speaking(state, desk, "critique");
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  try {
    const line = await desk.line();
    const { share } = state.next!;
    const { messages, prompt } = speech(
      state,
      desk.settings,
      line.model,
      turn.expert,
      "criticise",
      null,
      share.tokens,
    );
    const wanted = Math.max(SHORTEST_CRITIQUE, Math.min(tokensPerTurn, replyRoom(line.model.entry, WANTED)));
    const wish = { wanted, floor: SHORTEST_CRITIQUE, prompt, repeat: turn.round };
    const { value, reasoning } = await decide(line, messages, wish, critiqueForm, repair);
    const { agree, objections } = value;
    const text = objections.trim() || (agree ? "I agree." : "I do not agree.");
    return { transcript: [{ ...turn, agree, text, reasoning }] };
  } catch (error) {
    return { transcript: [{ ...turn, ...abstention(error) }] };
  }
});
