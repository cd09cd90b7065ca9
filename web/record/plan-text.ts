import type { Plan } from "../../state/decision.ts";
import { formatCount } from "../figures.ts";

/** Whether experts speak by this plan: of others only the action counts. */
export const isDiscussion = ({ action }: Partial<Plan>): boolean =>
  action === "recruit" || action === "discuss";

/** What a plan says in a line: `discuss: 3 experts, debate, 2 rounds, 800 tokens each`. */
export function planText(plan: Partial<Plan>): string {
  const { action, experts, format, rounds, tokensPerTurn } = plan;
  if (!isDiscussion(plan)) return action ?? "nothing";
  const parts = [
    experts !== undefined && formatCount(experts, "expert"),
    format,
    rounds !== undefined && formatCount(rounds, "round"),
    tokensPerTurn !== undefined && `${formatCount(tokensPerTurn, "token")} each`,
  ].filter((part) => part !== undefined && part !== false);
  return `${action}: ${parts.join(", ")}`;
}
