interface Box {
  start: number;
  end: number;
  content: string;
}

/** Longer text behind an opening is no box that was cut. */
const MAX_CUT = 300;

/**
 * The outermost closed boxes (`\\boxed{…}`, `\\fbox{…}`) that hold anything, found in one pass. `cutOff`: a box was opened
 * behind all of them and never closed, and the text ends in it.
 */
export function boxes(text: string): { closed: Box[]; cutOff: boolean } {
  const open: { start: number; content: number | null }[] = [];
  const closed: Box[] = [];
  if (!/\\[bf]/.test(text)) return { closed, cutOff: false };
  for (const { 0: token, index } of text.matchAll(/\\+(?:boxed|fbox)\s*\{|\\.|[{}]/gs)) {
    if (token.length > 2) open.push({ start: index, content: index + token.length });
    else if (token === "{") open.push({ start: index, content: null });
    else if (token === "}") {
      const box = open.pop();
      if (box?.content == null) continue;
      while (closed.length > 0 && closed.at(-1)!.start > box.start) closed.pop();
      const content = text.slice(box.content, index).trim();
      if (content !== "") closed.push({ start: box.start, end: index + 1, content });
    }
  }
  const unclosed = open.findLast(({ content }) => content !== null);
  const last = closed.at(-1);
  const cutOff =
    unclosed !== undefined &&
    (!last || (unclosed.start > last.end && text.length - unclosed.start <= MAX_CUT));
  return { closed, cutOff };
}
