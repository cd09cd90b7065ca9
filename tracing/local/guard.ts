import type { Handler } from "./app.ts";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

const refused = (detail: string): Response => Response.json({ detail }, { status: 403 });

/**
 * Keeps web pages out of a server on loopback: a name of another host in `Host` (DNS that was bound anew to 127.0.0.1),
 * and requests that a page of another origin makes. Programs send no origin.
 */
export function guarded(handle: Handler, port: number): Handler {
  return async (request) => {
    const host = urlOf(`http://${request.headers.get("host")}`);
    if (!host || !loopback.has(host.hostname) || Number(host.port || 80) !== port)
      return refused("Boardroom's local store answers only to 127.0.0.1 and localhost.");
    const origin = request.headers.get("origin");
    const from = origin === null ? null : urlOf(origin);
    if (origin !== null && !loopback.has(from?.hostname ?? ""))
      return refused("Boardroom's local store does not answer pages of other origins.");
    if (request.headers.get("sec-fetch-site") === "cross-site")
      return refused("Boardroom's local store does not answer pages of other sites.");
    return handle(request);
  };
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
