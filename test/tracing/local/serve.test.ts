import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "langsmith";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardroom, start } from "../../cli/boardroom.ts";
import { freePort } from "../../free-port.ts";

const home = mkdtempSync(join(tmpdir(), "boardroom-serve-"));
let port: number;
let server: ReturnType<typeof start>;
beforeAll(async () => {
  port = await freePort();
  server = start(["traces", "serve", "--port", String(port)], { BOARDROOM_HOME: home });
  await once(server.child.stdout!, "data");
}, 60_000);
afterAll(() => server.child.kill("SIGKILL"));

/** With headers that fetch would not let us set. */
async function ask(headers: Record<string, string>, path = "/info", method = "GET") {
  const sent = request({ host: "127.0.0.1", port, path, method, headers }).end();
  const [reply] = await once(sent, "response");
  let body = "";
  for await (const chunk of reply) body += chunk;
  return { status: reply.statusCode as number, body };
}

test("it says what it is, and answers its own names", async () => {
  expect((await ask({}, "/")).body).toMatch(/^This is Boardroom's local store\./);
  expect(JSON.parse((await ask({})).body)).toMatchObject({ boardroom: "local store, LangSmith's API shape" });
  const statuses = async (headers: Record<string, string>[]) =>
    Promise.all(headers.map(async (one) => (await ask(one)).status));
  expect(
    await statuses([
      { host: `localhost:${port}` },
      { host: `[::1]:${port}` },
      { origin: "http://localhost:3000" },
      { origin: `http://127.0.0.1:${port}` },
    ]),
  ).toEqual([200, 200, 200, 200]);
});

test.each<[string, () => Record<string, string>]>([
  ["a foreign Host", () => ({ host: "evil.example" })],
  ["a foreign Host at its port", () => ({ host: `evil.example:${port}` })],
  ["a Host that begins like its own", () => ({ host: `127.0.0.1.evil.example:${port}` })],
  ["another port in Host", () => ({ host: `127.0.0.1:${port + 1}` })],
  ["a foreign Origin", () => ({ origin: "https://evil.example" })],
  ["an Origin that begins like its own", () => ({ origin: "http://localhost.evil.example" })],
  ["a frame without origin", () => ({ origin: "null" })],
  ["a page of another site", () => ({ "sec-fetch-site": "cross-site" })],
])("%s is refused", { tags: ["attack:guard"] }, async (_, headers) => {
  expect((await ask(headers())).status).toBe(403);
});

test.each([
  ["POST", "/annotation-queues", "POST /annotation-queues"],
  ["GET", "/api/v1/repos/-/solve", "GET /repos/-/solve"],
  ["GET", "/sessions?include_stats=true", "include_stats=true of GET /sessions"],
  ["GET", "/datasets?colour=red", "the parameter colour of GET /datasets"],
])("%s %s is answered with 501 and a sentence", async (method, path, named) => {
  const { status, body } = await ask({}, path, method);
  expect(status).toBe(501);
  expect(JSON.parse(body).detail).toBe(
    `This is Boardroom's local store, not LangSmith: it does not know ${named}.`,
  );
});

test("a port that is taken is one sentence, and Ctrl-C ends it with everything kept", async () => {
  const second = await boardroom(["traces", "serve", "--port", String(port)], { BOARDROOM_HOME: home });
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toBe(`boardroom: port ${port} is taken: choose another with --port.\n`);

  const client = new Client({ apiUrl: `http://127.0.0.1:${port}`, apiKey: "local" });
  await client.createDataset("kept");
  server.child.kill("SIGINT");
  const { code, stdout, stderr } = await server.ended;
  expect(code, stderr).toBe(0);
  expect(stdout).toBe(`http://127.0.0.1:${port}\n`);
  expect(stderr).toContain(`LANGSMITH_ENDPOINT=http://127.0.0.1:${port} LANGSMITH_API_KEY=local`);

  server = start(["traces", "serve", "--port", String(port)], { BOARDROOM_HOME: home });
  await once(server.child.stdout!, "data");
  expect(await client.hasDataset({ datasetName: "kept" })).toBe(true);
}, 60_000);
