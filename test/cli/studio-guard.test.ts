import { mkdtempSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callersAt } from "../../cli/studio/callers.ts";
import { packageRoot } from "../../paths.ts";
import { freePort } from "../free-port.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { start } from "./boardroom.ts";

let model: ScriptedServer;
let studio: ReturnType<typeof start>;
let port: number;
const STUDIO = "https://smith.langchain.com";
const STUDIO_EUROPE = "https://eu.smith.langchain.com";

type Headers = Record<string, string>;
interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** `fetch` sets Host and Origin itself: a page's request is made by hand. */
const ask = (method: string, path: string, headers: Headers = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (reply) => {
      let text = "";
      reply.on("data", (chunk) => {
        text += chunk;
      });
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }));
    });
    sent.on("upgrade", (reply, socket) => {
      socket.destroy();
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text: "" });
    });
    sent.on("error", reject);
    sent.end(body);
  });

beforeAll(async () => {
  model = await scriptedServer(board({}));
  port = await freePort();
  studio = start(["studio", "--no-browser", "--port", String(port)], {
    BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-guard-")),
    BOARDROOM_TRACE: "off",
    OPENAI_BASE_URL: model.url,
    BOARDROOM_MODEL: "scripted",
  });
  for (let tries = 0; tries < 240; tries++) {
    const { status } = await ask("GET", "/ok").catch(() => ({ status: 0 }));
    if (status === 200) return;
    await sleep(250);
  }
  throw new Error("the dev server did not start");
}, 90_000);

afterAll(async () => {
  studio.child.kill("SIGTERM");
  await studio.ended;
  await model.close();
});

const run = JSON.stringify({ assistant_id: "solo", input: { task: { question: "What is 6 times 7?" } } });
const plain = { "content-type": "text/plain" };
const json = { "content-type": "application/json" };
const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const strangers: [string, Headers][] = [
  ["a page without preflight", { ...plain, origin: "https://evil.example" }],
  ["a page with JSON", { ...json, origin: "https://evil.example" }],
  ["a sandboxed frame or a file", { ...plain, origin: "null" }],
  ["a name that begins like Studio's", { ...plain, origin: "https://smith.langchain.com.evil.example" }],
  ["a name that ends like Studio's", { ...plain, origin: "https://evil-smith.langchain.com" }],
  ["Studio's name without TLS", { ...plain, origin: "http://smith.langchain.com" }],
  ["Studio's name at another port", { ...plain, origin: "https://smith.langchain.com:8443" }],
  ["another server of this machine", { ...plain, origin: "http://localhost:3000" }],
  ["an origin that is no address", { ...plain, origin: "smith.langchain.com" }],
  ["a form of another site, without origin", { ...plain, "sec-fetch-site": "cross-site" }],
  ["DNS that was bound anew", { ...json, host: "evil.example" }],
  [
    "DNS that was bound anew, with the port",
    { ...json, host: "evil.example:PORT", origin: "http://evil.example:PORT" },
  ],
  ["a name of many for 127.0.0.1", { ...json, host: "127.0.0.1.nip.io:PORT" }],
  ["a subdomain of localhost", { ...json, host: "evil.localhost:PORT" }],
  ["another port in Host", { ...json, host: "127.0.0.1:1" }],
  ["a name before the host", { ...json, host: "127.0.0.1@evil.example:PORT" }],
];
const atPort = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", `${port}`)]),
  );

test.each(strangers)(
  "%s starts no run, reads nothing, empties nothing",
  { tags: ["attack:guard"] },
  async (_, given) => {
    const headers = atPort(given);
    model.requests.length = 0;
    for (const [method, path, body] of [
      ["POST", "/runs/wait", run],
      ["POST", "/runs/stream", run],
      ["POST", "/threads/search", "{}"],
      ["POST", "/internal/truncate", '{"runs":true,"threads":true,"assistants":true}'],
      ["GET", "/assistants/ceo/graph", undefined],
      ["GET", "/info", undefined],
    ] as const) {
      const answer = await ask(method, path, headers, body);
      // What is no host at all is refused by the server below.
      expect([400, 403], path).toContain(answer.status);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
    for (const path of [
      "/threads/x/stream",
      "/threads/00000000-0000-0000-0000-000000000000/stream/events",
      "/v2/stream",
    ])
      expect((await ask("GET", path, { ...headers, ...upgrade })).status, path).toBe(403);
    expect(model.requests).toHaveLength(0);
  },
);

test("a preflight of another origin is given nothing", { tags: ["attack:guard"] }, async () => {
  const preflight = { origin: "https://evil.example", "access-control-request-method": "POST" };
  const { headers } = await ask("OPTIONS", "/runs/wait", preflight);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test.each([
  ["Studio", { origin: STUDIO, "sec-fetch-site": "cross-site" }],
  ["Studio in Europe", { origin: STUDIO_EUROPE, "sec-fetch-site": "cross-site" }],
  ["a page of its own", { origin: "http://127.0.0.1:PORT" }],
  ["a page of its own by name", { origin: "http://localhost:PORT", host: "localhost:PORT" }],
  ["a program", {}],
])(
  "%s is answered",
  async (_, given) => {
    const headers = atPort(given as Headers);
    const answer = await ask("POST", "/runs/wait", { ...json, ...headers }, run);
    expect(answer.status, answer.text).toBe(200);
    expect(JSON.parse(answer.text).answer, answer.text).toBeTruthy();
    expect((await ask("GET", "/info", headers)).status).toBe(200);
    if (headers.origin?.startsWith("https:")) {
      expect(answer.headers["access-control-allow-origin"]).toBe(headers.origin);
      const preflight = {
        ...headers,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      };
      const { headers: allowed } = await ask("OPTIONS", "/runs/wait", preflight);
      expect(allowed["access-control-allow-origin"]).toBe(headers.origin);
      expect(allowed["access-control-allow-headers"]).toContain("content-type");
    }
  },
  30_000,
);

test("langgraph.json allows by CORS whom the guard allows", () => {
  const { http } = JSON.parse(readFileSync(join(packageRoot, "langgraph.json"), "utf8"));
  expect(http.cors.allow_origins).toEqual([STUDIO, STUDIO_EUROPE]);
  for (const origin of http.cors.allow_origins)
    expect(callersAt(port).allows(new URL(origin)), origin).toBe(true);
});
