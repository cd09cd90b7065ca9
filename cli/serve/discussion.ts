import type { RunEvent } from "../../runtime/run.ts";
import type { Decision } from "../../state/decision.ts";
import type { Utterance } from "../../state/discussion.ts";
import type { StateUpdate } from "../../state/fold.ts";
import { decisionWords } from "../decision-words.ts";

/** What an event adds to the account of a discussion, as Markdown; "" where nothing was said. */
export const discussionText = (event: RunEvent): string =>
  event.type === "update"
    ? [...paragraphs(event.node, event.update)].map((one) => `${one}\n\n`).join("")
    : "";

function* paragraphs(node: string, update: StateUpdate): Generator<string> {
  for (const decision of update.decisions ?? []) yield decisionLine(decision);
  if (node === "recruit" && update.experts?.length)
    yield `Team: ${update.experts.map(({ name, expertise }) => (expertise ? `${name} (${expertise})` : name)).join(", ")}`;
  for (const utterance of update.transcript ?? []) yield utteranceText(utterance);
  for (const { check, verdict } of update.candidates ?? []) {
    if (check) yield `Check: ${check.detail}`;
    if (verdict)
      yield verdict.accepted ? "The evaluator accepts." : `The evaluator rejects: ${verdict.advice}`;
  }
}

const decisionLine = ({ applied, forced, reason }: Decision): string =>
  `${forced ? "Plan" : "CEO"}: ${decisionWords(applied)}${reason ? ` (${reason.replace(/\s+/g, " ").trim()})` : ""}`;

function utteranceText({ expert, kind, text, agree, abstained, error }: Utterance): string {
  if (abstained) return `**${expert}** abstains (${abstained})${error ? `: ${error}` : ""}`;
  if (kind === "critique") return agree ? `**${expert}** agrees.` : `**${expert}** objects:\n\n${text}`;
  return `**${expert}** ${kind === "draft" ? "drafts" : "revises"}:\n\n${text}`;
}
