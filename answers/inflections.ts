/** One vowel before one last consonant that is doubled before -ed and -ing. */
const doubling = /[^aeiou][aeiouy][bdfgklmnprstvz]$|^[aeiouy][bdfgklmnprstvz]$|qu[aeiou][bdgmnprt]$/;
const oneSyllable = (word: string): boolean => (word.match(/[aeiouy]+/g)?.length ?? 0) === 1;

/** What -ed, -ing, -er and -est are put to: rid-ing of "ride", stopp-ed of "stop"; two where both are written. */
function stems(word: string, ending: string): string[] {
  if (/[^eoy]e$|^[^aeiou]*ye$/.test(word) && !(ending === "ing" && /ye$/.test(word)))
    return ending === "ing" && word.endsWith("ie") ? [`${word.slice(0, -2)}y`] : [word.slice(0, -1)];
  if (/e$/.test(word)) return ending === "ing" ? [word] : [word.slice(0, -1)];
  if (/[^aeiou]y$/.test(word) && ending !== "ing") return [`${word.slice(0, -1)}i`];
  if (/c$/.test(word)) return [`${word}k`, word];
  if (!doubling.test(word)) return [word];
  const doubled = word + word.at(-1);
  return oneSyllable(word) ? [doubled] : [doubled, word];
}

function plural(word: string): string[] {
  if (/[^aeiou]y$/.test(word)) return [`${word.slice(0, -1)}ies`];
  if (/o$/.test(word)) return [`${word}s`, `${word}es`];
  return [/(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`];
}

const withEnding = (word: string, ending: string): string[] =>
  stems(word, ending).map((stem) => stem + ending);

/** The regular inflections of an English word, as if it were noun and verb at once. */
export function inflections(word: string): Set<string> {
  return new Set([...plural(word), ...withEnding(word, "ed"), ...withEnding(word, "ing")]);
}

/** Its regular comparative and superlative, as if it were an adjective. */
export function comparatives(word: string): Set<string> {
  return new Set([...withEnding(word, "er"), ...withEnding(word, "est")]);
}
