import { redact } from "../secrets.ts";

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

/** A structured reply that did not fit its schema, after one repair. What was said and thought is kept. */
export class UnparsableReply extends Error {
  override name = "Unparsable";
  constructor(
    message: string,
    readonly text: string,
    readonly reasoning = "",
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

/** What a failed request means for us. `afterMs` is the server's Retry-After. */
export type Failure =
  /** The endpoint has enough to do (429): the same request will work once others are done. */
  | { kind: "refused"; afterMs: number | null }
  /** The server or the connection failed: the same request may work. */
  | { kind: "again"; afterMs: number | null }
  /** The endpoint does not take this way of asking for JSON. */
  | { kind: "format" }
  /** The prompt is longer than the model's context. */
  | { kind: "context" }
  | { kind: "final" };

function header(error: HttpLike, name: string): string | null {
  const { headers } = error;
  if (!headers) return null;
  return typeof (headers as Headers).get === "function"
    ? (headers as Headers).get(name)
    : ((headers as Record<string, string>)[name] ?? null);
}

/** Milliseconds the server asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date). */
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
  return wait === null || Number.isNaN(wait) ? null : Math.max(0, wait);
}

/** LangChain hides the HTTP error of a prompt that is too long behind one of its own. */
export const httpError = (error: unknown): unknown => {
  const { name, cause } = error as HttpLike;
  return name === "ContextOverflowError" && cause ? cause : error;
};

/**
 * What a thrown request error means. Quota and key errors are final: trying again cannot help. Servers word a refused
 * `response_format` in many ways, so any other 400 to a request that `asksForJson` is taken for one.
 */
export function classify(error: unknown, asksForJson: boolean): Failure {
  const { status, code, message = "" } = error as HttpLike;
  if (code === "insufficient_quota" || /insufficient_quota/.test(message)) return { kind: "final" };
  if (status === 400 || status === 422) {
    if (/context.{0,20}(length|window|size)|input tokens exceed|too long/i.test(message))
      return { kind: "context" };
    return { kind: asksForJson ? "format" : "final" };
  }
  // llama.cpp's server answers 500 to a schema that it cannot make a grammar of.
  if (asksForJson && status !== undefined && status >= 500 && /grammar|json.?schema/i.test(message))
    return { kind: "format" };
  if (status === 429) return { kind: "refused", afterMs: retryAfter(error) };
  if (status === undefined || status === 408 || status === 409 || status >= 500)
    return { kind: "again", afterMs: retryAfter(error) };
  return { kind: "final" };
}

const unconnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether no connection came about, so that the server never saw the request. A reset one may have been served. */
export function neverSent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (unconnected.has((cause as NodeJS.ErrnoException).code ?? "")) return true;
  return false;
}

/** One sentence for a person: what failed, where, and what to look at. */
export function describeFailure(error: unknown, endpoint: string, model: string, tries: number): string {
  const { status, message = String(error), cause } = error as HttpLike;
  const times = tries > 1 ? ` (${tries} tries)` : "";
  const detail =
    redact((cause as Error | undefined)?.message ?? message)
      .split("\n")[0]
      ?.slice(0, 200) ?? "";
  if (status === 401 || status === 403)
    return `${endpoint} refused the key for ${model} (${status}): check the API key.`;
  if (status === 404)
    return `${endpoint} knows no model ${model} (404): check --model and OPENAI_BASE_URL. ${detail}`.trim();
  if (status !== undefined) return `${endpoint} answered ${status} for ${model}${times}: ${detail}`;
  return `${endpoint} cannot be reached for ${model}${times}: ${detail}`;
}
