import { redact } from "../secrets.ts";
import { connectionFailure } from "./connection-failure.ts";

const oneLine = (text: string) => redact(text).replace(/\s+/g, " ").trim().slice(0, 300);

/** One sentence for a person: what failed, where, and what to look at. */
export function describeFailure(error: unknown, endpoint: string, model: string, tries: number): string {
  const { status, message = String(error) } = error as { status?: number; message?: string };
  const times = tries > 1 ? ` (${tries} tries)` : "";
  if (status === undefined) {
    const { code, cause } = connectionFailure(error);
    const what = code === null ? "failed" : "cannot be reached";
    return `${endpoint} ${what} for ${model}${times}: ${oneLine(cause)}`;
  }
  const words = oneLine(message.replace(new RegExp(`^${status} `), ""));
  if (status === 401 || status === 403)
    return `${endpoint} refused the key for ${model} (${status}): check the API key. ${words}`.trim();
  if (status === 404)
    return `${endpoint} knows no model ${model} (404): check --model and OPENAI_BASE_URL. ${words}`.trim();
  return `${endpoint} answered ${status} for ${model}${times}: ${words}`;
}
