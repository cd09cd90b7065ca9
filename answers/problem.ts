export const kinds = ["math", "choice", "code", "concepts", "open"] as const;
export type Kind = (typeof kinds)[number];

/** What extraction and comparison need to know of a task; gold answers are never part of it. */
export interface Problem {
  kind: Kind;
  choices?: string[];
  concepts?: string[];
  entryPoint?: string;
}

export interface Extracted {
  /** `null` when the reply holds no answer. */
  answer: string | null;
  /** The rule that found it, for result rows. */
  method: string;
}
