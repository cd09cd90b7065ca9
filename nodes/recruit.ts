import { z } from "zod";
import { outputRoom } from "../models/catalog.ts";
import { ContextOverflow, OutOfBudget, UnparsableReply } from "../models/errors.ts";
import { generateObject } from "../models/generate-object.ts";
import type { OutputSchema } from "../models/structured.ts";
import { assembleTeam } from "./assemble-team.ts";
import { minSolveCost } from "./begin.ts";
import { nodePrompt, repairPrompt } from "./prompt.ts";
import { userMessages } from "./readable-transcript.ts";
import { stage } from "./stage.ts";

const Experts = z.object({
  experts: z.array(z.object({ name: z.string(), expertise: z.string().default("") })),
});
const experts: OutputSchema<z.infer<typeof Experts>> = { name: "experts", schema: Experts };

/**
 * Puts a new team together, or the one that the settings name; candidates stay. One expert needs no recruiter, and where
 * the recruiter cannot be paid or read, experts that the CEO wanted and stand-ins take the seats.
 */
export const recruit = stage("recruit", async (state, context) => {
  const plan = state.decisions.at(-1)!.applied;
  const { experts: named } = context.settings;
  if (named) return { experts: assembleTeam(named, { ...plan, experts: named.length }) };
  if (plan.experts <= 1) return { experts: assembleTeam([], plan) };
  const reserved = state.candidates.length > 0 ? undefined : await minSolveCost(state, context);
  const call = await context.callContext("recruit", reserved);
  const wanted = plan.assignments
    .map(({ expert, focus }) => (focus ? `${expert} (${focus})` : expert))
    .join("; ");
  const values = { count: plan.experts, wanted, direction: plan.direction };
  const { messages, prompt } = nodePrompt("recruit", state.task, context.settings, call.model.entry, {
    values,
    transcript: userMessages(state),
  });
  const room = outputRoom(call.model.entry, 60 + 60 * plan.experts);
  try {
    const options = { maxTokens: room, minTokens: 64, prompt, sampleIndex: state.decisions.length };
    const { value } = await generateObject(call, messages, options, experts, repairPrompt);
    return { experts: assembleTeam(value.experts, plan) };
  } catch (error) {
    const isUnusable = [OutOfBudget, ContextOverflow, UnparsableReply].some((kind) => error instanceof kind);
    if (isUnusable) return { experts: assembleTeam([], plan) };
    throw error;
  }
});
