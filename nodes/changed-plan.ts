import type { Plan } from "../state/decision.ts";
import type { Mode } from "../state/run-info.ts";
import { maxSpeakers, type Settings } from "../state/settings.ts";
import { clampPlan, legalPlan, type PolicyInput } from "./policy.ts";

/**
 * What is done where a person changed a plan that waited. In mode ceo the whole is clamped as if the CEO had asked for it;
 * a fixed plan keeps its stage, and only what was named is clamped.
 */
export function changedPlan(
  applied: Plan,
  change: Partial<{ [key in keyof Plan]: Plan[key] | undefined }>,
  mode: Mode,
  input: PolicyInput,
  settings: Settings,
): Plan {
  const changes = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  // What is applied counts the thinking, what is asked the answer alone; a stage without speakers had no tokens for them.
  const tokens = applied.tokensPerTurn - input.thinkingTokens;
  const tokensPerTurn = tokens > 0 ? tokens : settings.maxTokensPerTurn;
  const wanted: Plan = { ...applied, tokensPerTurn, ...changes };
  if (mode === "ceo") return clampPlan(legalPlan(wanted, input, settings), input, settings);

  const { action, format } = applied;
  const most = mode === "vote" ? settings.samples : mode === "solo" ? 1 : maxSpeakers(settings);
  const seats = Array.from({ length: most }, () => ({ name: "", expertise: "", focus: "" }));
  const clamped = clampPlan(
    { ...wanted, action, format: mode === "team" ? wanted.format : format },
    { ...input, experts: seats },
    { ...settings, maxExperts: most, experts: null, format: null },
  );
  const named = Object.entries(clamped).filter(([key]) => key in changes);
  return { ...applied, ...Object.fromEntries(named) };
}
