import type { PauseRequest } from "../../state/pause.ts";
import { terminalSafe } from "../terminal.ts";

/** What is asked, in words. */
export function pauseText({
  question,
  at,
  decision,
  actions,
  experts,
  spent,
  next,
  limit,
}: PauseRequest): string {
  const count = (tokens: number) => Math.round(tokens).toLocaleString("en-US");
  const money = `${count(spent)} tokens spent${next ? `, ${count(next)} at most next` : ""}${limit ? `, asked beyond ${count(limit)}` : ""}`;
  const lines = [`paused  ${question}`];
  if (at === "recruit")
    lines.push(...experts.map(({ name, expertise }) => `  ${name}${expertise ? `: ${expertise}` : ""}`));
  else if (decision && actions.length > 0) {
    const { action, experts: speakers, format, rounds, tokensPerTurn, direction } = decision.applied;
    const opens = action === "recruit" || action === "discuss";
    if (!opens) lines.push(`  action=${action}`);
    else
      lines.push(
        `  action=${action} experts=${speakers} format=${format} rounds=${rounds} tokensPerTurn=${tokensPerTurn}${direction ? ` direction=${direction}` : ""}`,
      );
    if (decision.reason) lines.push(`  because: ${decision.reason}`);
    if (actions.length > 1)
      lines.push(`  it may also be: ${actions.filter((one) => one !== action).join(", ")}`);
  }
  return terminalSafe([...lines, `  ${money}`].join("\n"));
}

/** How a paused thread goes on without a terminal. */
export const howToGoOn = (thread: string): string =>
  `Go on with: boardroom solve --resume ${thread} --approve (or --change, --message, --stop; --help says how)`;
