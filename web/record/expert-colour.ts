const COLOURS = 6;

/** The colour of an expert, by its place among those who spoke. */
export function expertColour(speakers: readonly string[], expert: string): string {
  return `var(--expert-${(Math.max(0, speakers.indexOf(expert)) % COLOURS) + 1})`;
}

/** Who spoke, in the order of their first words. */
export const speakersOf = (transcript: readonly { expert: string }[]): string[] => [
  ...new Set(transcript.map(({ expert }) => expert)),
];
