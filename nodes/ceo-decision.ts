import { z } from "zod";
import type { OutputSchema } from "../models/structured.ts";
import { actions, formats } from "../state/actions.ts";

const synonyms: Record<string, string> = {
  stop: "finish",
  end: "finish",
  done: "finish",
  conclude: "finish",
  hire: "recruit",
  continue: "discuss",
  test: "execute",
  run: "execute",
  judge: "evaluate",
};
const ActionWord = z.preprocess((said) => {
  const word = typeof said === "string" ? (said.toLowerCase().match(/[a-z]+/)?.[0] ?? said) : said;
  return typeof word === "string" ? (synonyms[word] ?? word) : word;
}, z.enum(actions));

const CeoDecision = z.object({
  action: ActionWord,
  experts: z.number().default(1),
  format: z.enum(formats).catch("critique"),
  rounds: z.number().default(0),
  tokensPerTurn: z.number().default(1024),
  assignments: z.array(z.object({ expert: z.string(), focus: z.string().default("") })).catch([]),
  direction: z.string().default(""),
  confidence: z.number().default(0),
  reason: z.string().default(""),
});
export type CeoDecision = z.infer<typeof CeoDecision>;
/** What the CEO is asked for. */
export const ceoDecision: OutputSchema<CeoDecision> = { name: "ceo_decision", schema: CeoDecision };
