export interface Sentence {
  text: string;
  start: number;
  isQuestion: boolean;
}

/** Ends of sentences and lines; the full stop of "C. neutron stars" or of "3.4" ends none. */
const boundary = /(?<!(?:^|[\s("'[])[A-Z])[.!?;]+["')\]]*(?=\s|$)|[。！？；]|\n+/gm;

export function sentencesOf(text: string): Sentence[] {
  const found: Sentence[] = [];
  let from = 0;
  const push = (end: number, mark: string) => {
    const part = text.slice(from, end);
    if (part.trim() !== "") found.push({ text: part, start: from, isQuestion: /[?？]/.test(mark) });
    from = end;
  };
  for (const { 0: mark, index } of text.matchAll(boundary)) push(index + mark.length, mark);
  push(text.length, "");
  return found;
}

const doubt =
  /\b(?:if|unless|suppose|assuming|assume|whether|maybe|perhaps|possibly|unsure|unclear|not sure|might|cannot (?:tell|decide|determine|say))\b|如果|假设|也许|可能/i;

/** "Let's check A." */
const turnsTo =
  /^\W*(?:(?:first|next|now|then|second|finally|so),?\s+)?(?:let's|let us|let me)?\s*(?:consider|check|look at|take|examine|evaluate|test|start with|try)\b/i;

/** Whether a sentence asks or supposes, and so chooses nothing. */
export const isDoubtful = ({ text, isQuestion }: Sentence): boolean =>
  isQuestion || doubt.test(text) || turnsTo.test(text);

/** What speaks against an option. */
export const bad =
  /\b(?:not|n't|never|no|too|incorrect|wrong|false|neither|cannot|unlikely|eliminate\w*|rule\w* out|off)\b|[❌✗✘❎]|不|错/i;
