import type { Decision } from "../state/decision.ts";

/** What a decision does, in words: `recruit 3 experts, critique, 1 round, 512 tokens each`. */
export function decisionWords({
  action,
  experts,
  format,
  rounds,
  tokensPerTurn,
}: Decision["applied"]): string {
  if (action !== "recruit" && action !== "discuss") return action;
  const who = `${experts} ${experts === 1 ? "expert" : "experts"}`;
  const how = experts > 1 ? `, ${format}, ${rounds} ${rounds === 1 ? "round" : "rounds"}` : "";
  return `${action} ${who}${how}, ${tokensPerTurn.toLocaleString("en-US")} tokens each`;
}
