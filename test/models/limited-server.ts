import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Refusal {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type Body = Record<string, unknown>;

/**
 * SCRIPTED, FOR TESTS ONLY. A server that looks at each request and refuses it, in the words of the server it stands in for, or
 * answers "42". `models` is what `GET /v1/models` gives; without it there is no such path. Closed after the test.
 */
export async function limitedServer(
  refuse: (body: Body, nth: number) => Refusal | null | Promise<Refusal | null>,
  { models }: { models?: unknown } = {},
) {
  const requests: { body: Body; at: number; refused: boolean; headers: IncomingMessage["headers"] }[] = [];
  const http = createServer(async (req, res) => {
    if (req.method === "GET")
      return models === undefined
        ? send(res, 404, { error: { message: "no such path" } })
        : send(res, 200, models);
    const body = (await json(req)) as Body;
    const request = { body, at: performance.now(), refused: false, headers: req.headers };
    requests.push(request);
    const refusal = await refuse(body, requests.length - 1);
    if (!refusal) return answer(res);
    request.refused = true;
    send(res, refusal.status, refusal.body, refusal.headers);
  });
  return { url: await listening(http), requests };
}

/**
 * SCRIPTED, FOR TESTS ONLY. Works on one request at a time, for `replyMs`: when another one comes, the stream of the one in work ends
 * without a word, as llama-cpp-python's does. Closed after the test.
 */
export async function interruptedServer(replyMs: number) {
  const seen = { requests: 0, dropped: 0 };
  let inWork: { res: ServerResponse; timer: NodeJS.Timeout } | null = null;
  const http = createServer(async (req, res) => {
    await json(req);
    seen.requests++;
    if (inWork) {
      clearTimeout(inWork.timer);
      seen.dropped++;
      inWork.res.writeHead(200, { "content-type": "text/event-stream" });
      inWork.res.end("data: [DONE]\n\n");
    }
    const timer = setTimeout(() => {
      inWork = null;
      answer(res);
    }, replyMs);
    inWork = { res, timer };
  });
  return { url: await listening(http), seen };
}

async function listening(http: Server): Promise<string> {
  http.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
}

function send(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { "content-type": "application/json", ...headers });
  res.end(typeof body === "string" ? body : JSON.stringify(body));
}

function answer(res: ServerResponse): void {
  const chunk = (fields: object) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...fields })}\n\n`;
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.write(
    chunk({
      choices: [{ index: 0, delta: { role: "assistant", content: "Answer: 42" }, finish_reason: null }],
    }),
  );
  res.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  res.write(chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 } }));
  res.end("data: [DONE]\n\n");
}

/** Refuses more than `most` requests in any `windowMs`, refused ones not counted, and does not say when to come again. */
export function perWindow(most: number, windowMs: number): () => Refusal | null {
  const served: number[] = [];
  return () => {
    const now = performance.now();
    while (served.length > 0 && now - served[0]! >= windowMs) served.shift();
    if (served.length >= most)
      return { status: 429, body: { error: { message: "Rate limit reached.", type: "requests" } } };
    served.push(now);
    return null;
  };
}
