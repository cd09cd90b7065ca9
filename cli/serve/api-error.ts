import { EndpointError } from "../../models/errors.ts";
import { isCallerError } from "../../runtime/caller-error.ts";
import { redact } from "../../secrets.ts";

type ErrorStatus = 400 | 401 | 403 | 404 | 413 | 429 | 500 | 502 | 503;

interface Details {
  type?: string;
  /** The field of the request that is meant. */
  param?: string | null;
  code?: string | null;
  headers?: Record<string, string>;
}

/** OpenAI's own clients send what failed with 429 or 5xx again, unless this header says that it is of no use. */
const notAgain = { "x-should-retry": "false" };

/** An error as OpenAI's API tells it; the message is for the caller to read. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly headers: Record<string, string>;
  private readonly details: Details;

  constructor(
    readonly status: ErrorStatus,
    message: string,
    details: Details = {},
    options?: ErrorOptions,
  ) {
    super(redact(message), options);
    this.details = details;
    this.headers = details.headers ?? {};
  }

  get body() {
    const { type = this.status < 500 ? "invalid_request_error" : "server_error" } = this.details;
    const { param = null, code = null } = this.details;
    return { error: { message: this.message, type, param, code } };
  }
}

/** A field of a request that cannot be served as it is. */
export const invalid = (param: string | null, message: string, code: string | null = null): ApiError =>
  new ApiError(400, message, { param, code });

/**
 * What a caller is told of an error; `budgetField` is the field that set the run's budget. Of errors that are nobody's
 * mistake but ours no text goes out.
 */
export function apiErrorOf(error: unknown, budgetField: string | null = null): ApiError {
  if (error instanceof ApiError) return error;
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  if (name === "BudgetTooSmall") return invalid(budgetField, message, "budget_too_small");
  if (name === "NoQuestion") return invalid("messages", message);
  if (error instanceof EndpointError)
    return error.status === 429
      ? new ApiError(429, message, { type: "requests", code: "rate_limit_exceeded", headers: notAgain })
      : new ApiError(502, message, { code: "endpoint_failed", headers: notAgain });
  if (isCallerError(error)) return new ApiError(500, message, { code: "misconfigured", headers: notAgain });
  const unsaid = "The server failed while it worked on this; its log says more.";
  return new ApiError(500, unsaid, { headers: notAgain }, { cause: error });
}
