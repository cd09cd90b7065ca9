import type { Json } from "./json.ts";

/**
 * What a server said in the place of a reply, in its own words: an HTTP refusal, a page or an error object that came
 * with 200, or an error in the middle of a stream. It cost nothing where no part of a reply came before it.
 */
export class ServerReplyError extends Error {
  override name = "ServerReplyError";
  constructor(
    message: string,
    /** The HTTP status, or the one that the error names; 200 for one that names none in the place of a whole reply. */
    readonly status: number,
    /** The server's word for it, as `insufficient_quota`. */
    readonly code?: string,
    readonly headers?: Headers,
    /** The field of the request that it names, as a path. */
    readonly param?: string,
    /** All that the server said, where it is JSON. */
    readonly body?: Json,
  ) {
    super(message);
  }
}
