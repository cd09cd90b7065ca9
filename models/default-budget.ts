/** What of a catalog entry the length of a reply hangs on. */
interface Kind {
  reasoning: "none" | "think" | "field" | "hidden";
  typicalReply?: number | undefined;
}

/** Output tokens of a usual reply, thinking included, where a catalog entry does not say. */
export const typicalReply = ({ reasoning, typicalReply: stated }: Kind): number =>
  stated ?? (reasoning === "none" ? 600 : 8000);

/** The question, the instruction and the form of the reply, as they are reserved: our count of them and its margin. */
const PROMPT = 1000;
/** Of a reply that thinks no more than this is said, in tokens: thinking is read by nobody else. */
const ANSWER = 1000;
const EXPERTS = 4;

/**
 * Tokens for a run that names no budget: two decisions of the CEO, the team's recruiting, a draft, one full round of four
 * experts (three critiques and the revision that answers them), and a verdict. With a reply of `r` tokens, of which `s` are
 * said, and prompts of `p` before anything was said:
 *
 *   replies   2r + r + r + 3r + r + r = 9r
 *   prompts   9p, and what was said before: 3s for the critics (the draft), 4s for the revision (draft and critiques), s for
 *             the second decision, 2s for the verdict (the answer and its reasons) = 10s
 *
 * A thinking model may have to be asked once more for an answer, with its thinking read again: the last reply's part of the
 * money is kept twice, r more. Rounded up to thousands.
 */
export function defaultBudget(kind: Kind): number {
  const reply = typicalReply(kind);
  const answer = Math.min(reply, ANSWER);
  const critics = EXPERTS - 1;
  const replies = 2 + 1 + 1 + critics + 1 + 1;
  const read = critics + EXPERTS + 1 + 2;
  const again = kind.reasoning === "none" ? 0 : 1;
  return Math.ceil(((replies + again) * reply + replies * PROMPT + read * answer) / 1000) * 1000;
}
