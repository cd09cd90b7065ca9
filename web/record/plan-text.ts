import type { Plan } from "../../state/decision.ts";
import { counted } from "../figures.ts";

/** Whether experts speak by this plan: of others only the action counts. */
export const talks = ({ action }: Partial<Plan>): boolean => action === "recruit" || action === "discuss";

/** What a plan says in a line: `discuss: 3 experts, debate, 2 rounds, 800 tokens each`. */
export function planText(plan: Partial<Plan>): string {
  const { action, experts, format, rounds, tokensPerTurn } = plan;
  if (!talks(plan)) return action ?? "nothing";
  const parts = [
    experts !== undefined && counted(experts, "expert"),
    format,
    rounds !== undefined && counted(rounds, "round"),
    tokensPerTurn !== undefined && `${counted(tokensPerTurn, "token")} each`,
  ].filter((part) => part !== undefined && part !== false);
  return `${action}: ${parts.join(", ")}`;
}
