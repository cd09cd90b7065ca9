export type ThinkTags = readonly [open: string, close: string];

/** Tags by which families of models mark their thinking; the last are names of `<name>…</name>`. */
export const thinkTagPairs: readonly ThinkTags[] = [
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|START_THINKING|>", "<|END_THINKING|>"],
  ["<|think|>", "<|/think|>"],
  ["<|thinking|>", "<|/thinking|>"],
  ["<unused94>", "<unused95>"],
  ["<|channel>thought", "<channel|>"],
  ...[
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "reflection",
    "analysis",
    "scratchpad",
    "seed:think",
    "inner_thoughts",
    "internal_thoughts",
  ].map((name): ThinkTags => [`<${name}>`, `</${name}>`]),
];

export interface Thinking {
  /** Empty where the reply shows none. */
  thinking: string;
  /** What stands behind it. */
  said: string;
  /** It began to think and never ended. */
  unfinished: boolean;
}

/** Blank characters that may stand before a tag. */
const MAX_BLANK = 1000;
/** Mentions of a tag that are looked at; where more are quoted, the next counts as the tag itself. */
const MAX_QUOTED = 50;

/** Whether what stands from `start` to `end` is quoted on its line, as in a JSON string or in backticks. */
function quoted(text: string, start: number, end: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const lineEnd = text.indexOf("\n", end);
  const after = text.slice(end, lineEnd === -1 ? text.length : lineEnd);
  return ['"', "`"].some(
    (mark) => (before.split(mark).length - 1) % 2 === 1 && after.includes(mark) && before.length < 10_000,
  );
}

/** Where `tag` first stands by itself at or behind `from`, in either case of its letters; -1 where it does not. */
function find(text: string, lower: string, tag: string, from: number): number {
  const wanted = tag.toLowerCase();
  let at = lower.indexOf(wanted, from);
  for (let seen = 0; at !== -1 && seen < MAX_QUOTED && quoted(text, at, at + tag.length); seen++)
    at = lower.indexOf(wanted, at + tag.length);
  return at;
}

/** A reply that begins so is JSON or code: a closing tag in it ends no thinking that a template has opened. */
const looksLikeAnswer = /^\s*(?:[{`]|\[(?!\/?THINK))/;

/**
 * Takes the thinking at the beginning of a reply off it. Tags count there only, and where a block begins on a line of
 * its own; a closing tag without an opening one ends what a chat template has opened. Quoted tags are text,
 * and so are those in a fenced block.
 */
export function separateThinking(reply: string, own?: ThinkTags): Thinking {
  const tags = own ? [own, ...thinkTagPairs] : [...thinkTagPairs];
  const thoughts: string[] = [];
  const lower = lowered(reply);
  let from = 0;
  for (;;) {
    const start = from + /^\s*/.exec(reply.slice(from, from + MAX_BLANK))![0].length;
    const pair = tags.find(([open]) => lower.startsWith(open.toLowerCase(), start));
    if (!pair) break;
    const [open, close] = pair;
    const end = find(reply, lower, close, start + open.length);
    thoughts.push(reply.slice(start + open.length, end === -1 ? undefined : end).trim());
    if (end === -1) return { thinking: thoughts.join("\n\n"), said: "", unfinished: true };
    from = end + close.length;
  }
  let rest = reply.slice(from);
  const closed = orphanEnd(rest, tags, thoughts.length > 0);
  if (closed) {
    thoughts.push(rest.slice(0, closed.start).trim());
    rest = rest.slice(closed.end);
  }
  return withoutBlocks(rest, tags, thoughts);
}

/** Lower case without a change of length, which `toLowerCase` may bring about. */
const lowered = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The end of thinking whose opening tag is not there; behind a block that was closed, it stands on a line of its own. */
function orphanEnd(text: string, tags: ThinkTags[], closedBefore: boolean) {
  if (looksLikeAnswer.test(text)) return null;
  const lower = lowered(text);
  let first: { start: number; end: number } | null = null;
  for (const [open, close] of tags) {
    const start = find(text, lower, close, 0);
    if (start === -1 || (first && start >= first.start)) continue;
    const end = start + close.length;
    const opening = lower.indexOf(open.toLowerCase());
    if (
      opening !== -1 &&
      opening < start &&
      /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, opening - 20), opening))
    )
      continue;
    const alone =
      /\n\s{0,9}$/.test(text.slice(Math.max(0, start - 10), start)) &&
      /^\s*?(?:\n|$)/.test(text.slice(end, end + 10));
    if (!closedBefore || alone) first = { start, end };
  }
  return first;
}

/** Without blocks of thinking that begin on a line of their own; one that is never closed runs to the end. */
function withoutBlocks(text: string, tags: ThinkTags[], thoughts: string[]): Thinking {
  const lower = lowered(text);
  let said = "";
  let from = 0;
  let fences = 0;
  let counted = 0;
  for (const { 0: line, index } of lower.matchAll(/^[ \t]*[<[◁][^\s\n]{3,30}/gm)) {
    if (index < from) continue;
    fences += text.slice(counted, index).split("```").length - 1;
    counted = index;
    if (fences % 2 === 1) continue;
    const pair = tags.find(([open]) => line.trimStart().startsWith(open.toLowerCase()));
    if (!pair) continue;
    said += text.slice(from, index);
    const begin = index + line.indexOf(pair[0].toLowerCase()[0]!) + pair[0].length;
    const end = find(text, lower, pair[1], begin);
    thoughts.push(text.slice(begin, end === -1 ? undefined : end).trim());
    from = end === -1 ? text.length : end + pair[1].length;
  }
  said += text.slice(from);
  return { thinking: thoughts.filter((thought) => thought !== "").join("\n\n"), said, unfinished: false };
}
