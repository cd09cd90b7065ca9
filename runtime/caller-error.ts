const mistakes = new Set([
  "PromptError",
  "BudgetTooSmall",
  "CatalogError",
  "NoThread",
  "NoQuestion",
  "AnswerError",
  "SettingsError",
  "CassetteMiss",
  "DamagedFile",
]);

/** Whether an error is about what was asked, not about what happened: this call did nothing, and to resume mends nothing. */
export const isCallerError = (error: unknown): boolean => error instanceof Error && mistakes.has(error.name);
