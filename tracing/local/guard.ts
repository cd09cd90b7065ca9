import type { Handler } from "./app.ts";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether this is the address of a server on this machine at that port, as `Host` or `Origin` tells it. */
export const isLoopback = ({ hostname, port, protocol }: URL, at?: number): boolean =>
  loopback.has(hostname) && (at === undefined || Number(port || (protocol === "https:" ? 443 : 80)) === at);

export interface AllowedCallers {
  /** The port that the server listens at. */
  port: number;
  /** Whether pages of this origin may call. */
  allows(origin: URL): boolean;
}

/**
 * Why a server on loopback should not answer, null where it should: a name of another host in `Host` (DNS that was bound
 * anew to 127.0.0.1), and requests that a page of an origin makes that is not allowed. Programs send no origin; browsers
 * leave it out of images and links, and say in `Sec-Fetch-Site` where these stand.
 */
export function refusalOf(headers: Headers, { port, allows }: AllowedCallers): string | null {
  const host = urlOf(`http://${headers.get("host")}`);
  if (!host || !isLoopback(host, port)) return "This server answers only to 127.0.0.1 and localhost.";
  const origin = headers.get("origin");
  if (origin !== null) {
    const from = urlOf(origin);
    return from && allows(from) ? null : "This server does not answer pages of other origins.";
  }
  return headers.get("sec-fetch-site") === "cross-site"
    ? "This server does not answer pages of other sites."
    : null;
}

/** Keeps web pages out of the local store: those of other servers on this machine alone may call it. */
export function withGuard(handle: Handler, port: number): Handler {
  const callers: AllowedCallers = { port, allows: (origin) => isLoopback(origin) };
  return async (request) => {
    const detail = refusalOf(request.headers, callers);
    return detail === null ? handle(request) : Response.json({ detail }, { status: 403 });
  };
}

const urlOf = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
