/** Characters that are left of each end of a truncated text. */
const END = 160;

/** The beginning and the end of a text, where the claim and the answer are. */
export const truncate = (text: string): string =>
  text.length <= 3 * END ? text : `${text.slice(0, END).trimEnd()}\n[...]\n${text.slice(-END).trimStart()}`;
