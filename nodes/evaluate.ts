import { z } from "zod";
import { comparable } from "../answers/answer.ts";
import { replyRoom } from "../models/catalog.ts";
import { decide } from "../models/decide.ts";
import { Unparsable } from "../models/errors.ts";
import { ContextOverflow, OutOfBudget } from "../models/ledger.ts";
import type { Structure } from "../models/structured.ts";
import { brief, quotedSolution, repair } from "./brief.ts";
import { choose } from "./candidates.ts";
import { emptied } from "./floor.ts";
import { stage } from "./stage.ts";

const Verdict = z.object({ accepted: z.boolean(), advice: z.string().default("") });
const verdictForm: Structure<z.infer<typeof Verdict>> = { name: "verdict", schema: Verdict };

/** Has the best candidate judged, once. */
export const evaluate = stage("evaluate", async (state, desk) => {
  const best = choose(state.candidates, state.task, desk.settings.rule)?.candidate;
  if (!best || best.verdict || best.verified) return {};
  const line = await desk.line();
  const values = {
    solution: quotedSolution(best),
    answer: comparable(state.task.kind) ? best.answer : "",
    check: best.check?.detail,
  };
  const { messages, prompt } = brief("evaluate", state.task, desk.settings, line.model.entry, { values });
  try {
    const wish = { wanted: replyRoom(line.model.entry, 400), floor: 48, prompt };
    const { value, reasoning } = await decide(line, messages, wish, verdictForm, repair);
    return { candidates: [{ id: best.id, verdict: { ...value, reasoning } }] };
  } catch (error) {
    if (error instanceof OutOfBudget) return { halted: emptied(error.account) };
    if (!(error instanceof Unparsable || error instanceof ContextOverflow)) throw error;
    // Counted as judged: asking again would cost as much and mean as little.
    const advice = "The evaluator gave no usable verdict.";
    return { candidates: [{ id: best.id, verdict: { accepted: false, advice, unusable: true } }] };
  }
});
