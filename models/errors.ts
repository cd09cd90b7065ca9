/** A model could not be reached or would not serve us; the message is one sentence that says what to do. */
export class EndpointError extends Error {
  override name = "EndpointError";
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** A structured reply that did not fit its schema, after one repair. The text is kept. */
export class Unparsable extends Error {
  override name = "Unparsable";
  constructor(
    message: string,
    readonly text: string,
  ) {
    super(message);
  }
}

interface HttpLike {
  status?: number;
  headers?: Headers | Record<string, string>;
  code?: string;
  name?: string;
  message?: string;
  lc_error_code?: string;
  cause?: unknown;
}

export type Failure =
  /** The same request may work later; `afterMs` is the server's Retry-After. */
  | { kind: "again"; afterMs: number | null; status: number | null }
  /** The endpoint does not take this way of asking for JSON. */
  | { kind: "format" }
  | { kind: "final"; status: number | null };

function header(error: HttpLike, name: string): string | null {
  const { headers } = error;
  if (!headers) return null;
  return typeof (headers as Headers).get === "function"
    ? (headers as Headers).get(name)
    : ((headers as Record<string, string>)[name] ?? null);
}

/** Milliseconds the server asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date); at most 60 s. */
export function retryAfter(error: unknown, now = Date.now()): number | null {
  const ms = header(error as HttpLike, "retry-after-ms");
  const after = header(error as HttpLike, "retry-after");
  const wait = ms
    ? Number(ms)
    : after
      ? Number.isNaN(Number(after))
        ? Date.parse(after) - now
        : Number(after) * 1000
      : null;
  return wait === null || Number.isNaN(wait) ? null : Math.min(60_000, Math.max(0, wait));
}

/** What a thrown request error means for us. Quota and key errors are final: trying again cannot help. */
export function classify(error: unknown, structured: boolean): Failure {
  const { status, code, message = "" } = error as HttpLike;
  if (code === "insufficient_quota" || /insufficient_quota/.test(message))
    return { kind: "final", status: status ?? null };
  if (status === 400 || status === 422) {
    const aboutFormat = /response_format|json_schema|schema|tool|grammar|guided/i.test(message);
    return structured && aboutFormat ? { kind: "format" } : { kind: "final", status };
  }
  if (status === undefined || status === 408 || status === 409 || status === 429 || status >= 500)
    return { kind: "again", afterMs: retryAfter(error), status: status ?? null };
  return { kind: "final", status };
}

/** Keys must not show in messages that servers echo. */
export const redacted = (text: string): string =>
  text.replace(/\b(sk|lsv2|hf|gsk|xai|pk)[-_][\w*-]{8,}/g, "[key]").replace(/Bearer\s+\S+/gi, "Bearer [key]");

/** One sentence for a person: what failed, where, and what to look at. */
export function sentence(error: unknown, endpoint: string, model: string, tries: number): string {
  const { status, message = String(error), cause } = error as HttpLike;
  const times = tries > 1 ? ` (${tries} tries)` : "";
  const detail =
    redacted((cause as Error | undefined)?.message ?? message)
      .split("\n")[0]
      ?.slice(0, 200) ?? "";
  if (status === 401 || status === 403)
    return `${endpoint} refused the key for ${model} (${status}): check the API key.`;
  if (status === 404)
    return `${endpoint} knows no model ${model} (404): check --model and OPENAI_BASE_URL. ${detail}`.trim();
  if (status !== undefined) return `${endpoint} answered ${status} for ${model}${times}: ${detail}`;
  return `${endpoint} cannot be reached for ${model}${times}: ${detail}`;
}
