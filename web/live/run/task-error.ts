/** What a task failed for: the server keeps it as JSON of an error, or as plain text. */
export function taskError(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}
