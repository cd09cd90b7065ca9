import type { TeamEvent } from "../../runtime/team-event.ts";
import { decisionWords } from "../decision-words.ts";

const MAX_WORDS = 300;
const verbs = { draft: "drafts", revision: "revises", critique: "objects", message: "says" } as const;

/** An event of a team at work, as the one line that progress shows. */
export function eventWords(event: TeamEvent): string {
  const line = words(event).replace(/\s+/g, " ").trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS - 1)}…` : line;
}

function words(event: TeamEvent): string {
  switch (event.type) {
    case "speaks":
      if (event.abstained) return `${event.expert} abstains (${event.abstained})`;
      if (event.agree) return `${event.expert} agrees`;
      return `${event.expert} ${verbs[event.kind]}: ${event.answer ?? event.text}`;
    case "decision":
      return `${event.asked ? "CEO" : "Plan"}: ${decisionWords(event.applied)}${event.reason ? ` (${event.reason})` : ""}`;
    case "check":
      return `Check of ${event.expert}'s answer: ${event.detail}`;
    case "verdict":
      return event.accepted
        ? `The evaluator accepts ${event.expert}'s answer`
        : `The evaluator rejects ${event.expert}'s answer: ${event.advice}`;
    case "ledger":
      return `${count(event.spent.tokens)} tokens spent, ${count(event.left.tokens)} left`;
    case "paused":
      return event.pause.question;
  }
}

const count = (tokens: number) => tokens.toLocaleString("en-US");
