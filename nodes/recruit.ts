import { z } from "zod";
import { outputRoom } from "../models/catalog.ts";
import { UnparsableReply } from "../models/errors.ts";
import { generateObject } from "../models/generate-object.ts";
import { ContextOverflow, OutOfBudget } from "../models/ledger.ts";
import type { OutputSchema } from "../models/structured.ts";
import type { Plan } from "../state/decision.ts";
import type { Expert } from "../state/discussion.ts";
import { minSolveCost } from "./begin.ts";
import { nodePrompt, repairPrompt } from "./prompt.ts";
import { stage } from "./stage.ts";

const Experts = z.object({
  experts: z.array(z.object({ name: z.string(), expertise: z.string().default("") })),
});
const experts: OutputSchema<z.infer<typeof Experts>> = { name: "experts", schema: Experts };

/** Puts a new team together; candidates stay. One expert needs no recruiter, and none is lost without one. */
export const recruit = stage("recruit", async (state, context) => {
  const plan = state.decisions.at(-1)!.applied;
  if (plan.experts <= 1) return { experts: team([], plan) };
  const reserved = state.candidates.length > 0 ? undefined : await minSolveCost(state, context);
  const call = await context.callContext("recruit", reserved);
  const wanted = plan.assignments
    .map(({ expert, focus }) => (focus ? `${expert} (${focus})` : expert))
    .join("; ");
  const values = { count: plan.experts, wanted, direction: plan.direction };
  const { messages, prompt } = nodePrompt("recruit", state.task, context.settings, call.model.entry, {
    values,
  });
  const room = outputRoom(call.model.entry, 60 + 60 * plan.experts);
  try {
    const options = { maxTokens: room, minTokens: 64, prompt, sampleIndex: state.decisions.length };
    const { value } = await generateObject(call, messages, options, experts, repairPrompt);
    return { experts: team(value.experts, plan) };
  } catch (error) {
    const unheard = [OutOfBudget, ContextOverflow, UnparsableReply].some((kind) => error instanceof kind);
    if (unheard) return { experts: team([], plan) };
    throw error;
  }
});

const standIns = [
  "Domain Expert",
  "Skeptic",
  "Logician",
  "Generalist",
  "Analyst",
  "Practitioner",
  "Teacher",
  "Reviewer",
];

const clean = (text: string, most: number) =>
  text
    .replace(/[\s<>"]+/g, " ")
    .trim()
    .slice(0, most);

/** Exactly as many experts as planned, with distinct names: those named, then those the CEO wanted, then stand-ins. */
export function team(
  named: { name: string; expertise: string }[],
  plan: Pick<Plan, "experts" | "assignments">,
): Expert[] {
  const wanted = plan.assignments.map(({ expert, focus }) => ({ name: expert, expertise: focus }));
  const found = new Map<string, Expert>();
  for (const { name, expertise } of [
    ...named,
    ...wanted,
    ...standIns.map((name) => ({ name, expertise: "" })),
  ]) {
    const tidy = clean(name, 60);
    const key = tidy.toLowerCase();
    if (!/\p{L}/u.test(tidy) || found.has(key) || found.size >= plan.experts) continue;
    const focus = plan.assignments.find(({ expert }) => expert.toLowerCase() === key)?.focus ?? "";
    found.set(key, { name: tidy, expertise: clean(expertise, 160), focus });
  }
  while (found.size < plan.experts) {
    const name = `Expert ${found.size + 1}`;
    found.set(name, { name, expertise: "", focus: "" });
  }
  return [...found.values()];
}
