import { z } from "zod";
import { comparable } from "../answers/answer.ts";
import { outputRoom } from "../models/catalog.ts";
import { ContextOverflow, OutOfBudget, UnparsableReply } from "../models/errors.ts";
import { generateObject } from "../models/generate-object.ts";
import type { OutputSchema } from "../models/structured.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import { exhaustedAccount } from "./next-speakers.ts";
import { escapedSolution, nodePrompt, repairPrompt } from "./prompt.ts";
import { userMessages } from "./readable-transcript.ts";
import { stage } from "./stage.ts";

const Verdict = z.object({ accepted: z.boolean(), advice: z.string().default("") });
const verdictForm: OutputSchema<z.infer<typeof Verdict>> = { name: "verdict", schema: Verdict };

/** Has the best candidate judged, once. */
export const evaluate = stage("evaluate", async (state, context) => {
  const best = bestCandidateOf(state)?.candidate;
  if (!best || best.verdict || best.check?.passed) return {};
  const call = await context.callContext();
  const values = {
    solution: escapedSolution(best),
    answer: comparable(state.task.kind) ? best.answer : "",
    check: best.check?.detail,
  };
  const { messages, prompt } = nodePrompt("evaluate", state.task, context.settings, call.model.entry, {
    values,
    transcript: userMessages(state),
  });
  try {
    const options = { maxTokens: outputRoom(call.model.entry, 400), minTokens: 48, prompt };
    const { value, reasoning } = await generateObject(call, messages, options, verdictForm, repairPrompt);
    return { candidates: [{ id: best.id, verdict: { step: context.step, ...value, reasoning } }] };
  } catch (error) {
    if (error instanceof OutOfBudget) return { halted: exhaustedAccount(error.account) };
    if (!(error instanceof UnparsableReply || error instanceof ContextOverflow)) throw error;
    // Counted as judged: asking again would cost as much and mean as little.
    const advice = "The evaluator gave no usable verdict.";
    return {
      candidates: [
        { id: best.id, verdict: { step: context.step, accepted: false, advice, unusable: true as const } },
      ],
    };
  }
});
