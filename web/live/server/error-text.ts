/** What went wrong, for a reader. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /failed to fetch|networkerror|load failed/i.test(text)
    ? "The server does not answer. Is `boardroom studio` still running?"
    : text;
}
