import type { Plan } from "../../state/decision.ts";
import { counted } from "../figures.ts";

/** What a plan says in a line: `discuss: 3 experts, debate, 2 rounds, 800 tokens each`. */
export function planText(plan: Partial<Plan>): string {
  const { action, experts, format, rounds, tokensPerTurn } = plan;
  if (action !== "recruit" && action !== "discuss") return action ?? "nothing";
  const parts = [
    experts !== undefined && counted(experts, "expert"),
    format,
    rounds !== undefined && counted(rounds, "round"),
    tokensPerTurn !== undefined && `${counted(tokensPerTurn, "token")} each`,
  ].filter((part) => part !== undefined && part !== false);
  return `${action}: ${parts.join(", ")}`;
}
