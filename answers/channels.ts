import type { Thinking } from "./thinking.ts";

/** A message of gpt-oss's format: `<|channel|>final<|message|>…` up to the next of its tokens. */
const message =
  /<\|channel\|>\s*(\w+)[^<]{0,100}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>([\s\S]*?)(?=<\|(?:end|return|call|start|channel)\|>|$)/g;
const opens = /^\s*(?:<\|start\|>\s*)?(?:assistant\s*)?<\|channel\|>/;
/** The same where the server dropped the tokens and left the names: `analysisWe need …assistantfinalThe …`. */
const opensBare = /^\s*(?:assistant)?(?:analysis|commentary)(?=[A-Z\p{Lo}*\\"'(\d\n])/u;
const finalBare = /^\s*(?:assistant)?final(?=[A-Z\p{Lo}*\\#])/u;
const FINAL = "assistantfinal";

/** Reads a reply in gpt-oss's channels: the last `final` message is what is said. `null` where it has none. */
export function readChannels(reply: string): Thinking | null {
  if (opens.test(reply.slice(0, 200))) {
    const messages = [...reply.matchAll(message)].map(([, channel, content]) => ({
      channel,
      content: content!,
    }));
    const said = messages.findLast(({ channel }) => channel === "final")?.content;
    const thinking = messages
      .filter(({ channel }) => channel !== "final")
      .map(({ content }) => content.trim())
      .join("\n\n");
    return { thinking, said: said ?? "", unfinished: said === undefined };
  }
  if (finalBare.test(reply.slice(0, 200)))
    return { thinking: "", said: reply.replace(finalBare, ""), unfinished: false };
  const begins =
    opensBare.exec(reply.slice(0, 200)) ??
    (/^\s*analysis/.test(reply) && reply.includes(FINAL) ? ["analysis"] : null);
  if (!begins) return null;
  const last = reply.lastIndexOf(FINAL);
  const thinking = reply
    .slice(reply.indexOf(begins[0]) + begins[0].length, last === -1 ? undefined : last)
    .trim();
  return { thinking, said: last === -1 ? "" : reply.slice(last + FINAL.length), unfinished: last === -1 };
}
