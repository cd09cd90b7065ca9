import type { BaseMessage } from "@langchain/core/messages";
import type { Message, Turn } from "../../datasets/curate/row.ts";
import { layOut, type PromptParts } from "../../nodes/prompt.ts";
import type { Target } from "./target.ts";

const BETWEEN = "\n\n";

/**
 * The prompt of a turn in the target's layout: as recorded where it is that already, else laid out again from its parts
 * by the renderer of inference. What follows the first request (a reply that had to be mended, and the request to mend
 * it) stays. Null where the recorded lengths do not fit the prompt, as after a key in it was replaced.
 */
export function convertLayout(
  prompt: readonly Message[],
  { parts, layout }: Pick<Turn, "parts" | "layout">,
  target: Pick<Target, "layout" | "system">,
): Message[] | null {
  const split = prompt[0]?.role === "system";
  const wanted = (target.layout === "recorded" ? layout : target.layout) === "mas-tts" && target.system;
  if (split === wanted) return [...prompt];
  const taken = partsOf(prompt, parts);
  if (!taken) return null;
  const first = layOut(taken, { layout: wanted ? "mas-tts" : "shared-prefix", system: target.system });
  return [...first.map(messageOf), ...prompt.slice(split ? 2 : 1)];
}

/** Task and transcript, role, and instruction, cut out of a prompt by their lengths. */
function partsOf(prompt: readonly Message[], [prefix, common, body]: Turn["parts"]): PromptParts | null {
  const [first, second] = prompt.map(({ content }) => content);
  if (first === undefined) return null;
  if (prompt[0]?.role !== "system") {
    const pieces = cut(first, [prefix, common, body]);
    return pieces && { prefix: pieces[0]!, common: pieces[1]!, body: pieces[2]! };
  }
  // The system message is the role, or for a node without one its instruction.
  const [system, user] = common > 0 ? [common, [prefix, body]] : [body, [prefix]];
  const pieces = second === undefined ? null : cut(second, user);
  if (!pieces || first.length !== system) return null;
  return common > 0
    ? { prefix: pieces[0]!, common: first, body: pieces[1]! }
    : { prefix: pieces[0]!, common: "", body: first };
}

/** Pieces of the given lengths with a blank line between those that are not empty; null where that is not the text. */
function cut(text: string, lengths: readonly number[]): string[] | null {
  const pieces: string[] = [];
  let at = 0;
  let begun = false;
  for (const length of lengths) {
    if (length > 0 && begun) {
      if (!text.startsWith(BETWEEN, at)) return null;
      at += BETWEEN.length;
    }
    begun ||= length > 0;
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return at === text.length ? pieces : null;
}

const messageOf = (message: BaseMessage): Message => ({
  role: message.getType() === "system" ? "system" : "user",
  content: message.text,
});
