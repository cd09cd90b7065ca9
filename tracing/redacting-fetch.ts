import { randomUUID } from "node:crypto";
import { redactJsonText } from "../secrets.ts";
import { splitParts } from "./local/multipart.ts";

/** A request as it may leave this machine. */
export interface RedactedRequest {
  url: URL;
  method: string;
  headers: Headers;
  /** Uncompressed. */
  body: Buffer | undefined;
  type: string;
}

/**
 * What a client wants to send, without keys: every string of a JSON body, or of the parts of a multipart one, names of
 * fields included. This is the one door through which traces, feedback, examples and prompts leave; the SDK's own
 * anonymizer misses a run's `extra`. Bodies must come uncompressed (the client is told that the server takes no other).
 */
export async function redactedRequest(...[input, init]: Parameters<typeof fetch>): Promise<RedactedRequest> {
  const request = new Request(input, init);
  const headers = new Headers(request.headers);
  const type = headers.get("content-type") ?? "";
  const raw = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
  const [body, kept] = raw ? redactBody(raw, type) : [undefined, type];
  if (kept) headers.set("content-type", kept);
  headers.delete("content-length");
  return { url: new URL(request.url), method: request.method, headers, body, type: kept };
}

function redactBody(body: Buffer, type: string): [Buffer, string] {
  if (/^multipart\/form-data/.test(type)) return redactParts(body, type);
  if (!/json/.test(type)) return [body, type];
  return [Buffer.from(redactJsonBody(body.toString())), type];
}

const redactJsonBody = (text: string): string => (text ? redactJsonText(text) : text);

/**
 * Part by part, with the lengths of what is left. Attachments, of which Boardroom makes none, do not pass, nor does the class
 * that a run came from, which nobody reads.
 */
function redactParts(body: Buffer, type: string): [Buffer, string] {
  const boundary = `boardroom-${randomUUID()}`;
  const parts = splitParts(body.toString(), type)
    .filter(({ name }) => !name.startsWith("attachment.") && !name.endsWith(".serialized"))
    .map(({ name, text }) => {
      const json = redactJsonBody(text);
      const about = `Content-Type: application/json; length=${Buffer.byteLength(json)}`;
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n${about}\r\n\r\n${json}\r\n`;
    });
  return [Buffer.from(`${parts.join("")}--${boundary}--\r\n`), `multipart/form-data; boundary=${boundary}`];
}

/** `fetch` without keys in what is sent. */
export const redactingFetch: typeof fetch = async (input, init) => {
  const { url, method, headers, body } = await redactedRequest(input, init);
  return fetch(url, {
    method,
    headers,
    ...(init?.signal && { signal: init.signal }),
    ...(body && { body: new Uint8Array(body) }),
  });
};
