import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addServe } from "../../cli/serve.ts";
import { boardroom, start } from "../cli/boardroom.ts";
import { inProcess } from "../cli/in-process.ts";
import { freePort } from "../free-port.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { asked, until } from "./served-team.ts";

let model: ScriptedServer;
beforeAll(async () => {
  model = await scriptedServer({
    ...board({ experts: 1 }),
    solve: ({ text }) => (text.includes("hang") ? { hang: true } : "Answer: 42"),
  });
});
afterAll(() => model.close());

test("a server that is interrupted says what was unfinished, and leaves traces of what was done", async () => {
  const port = await freePort();
  const env = {
    OPENAI_BASE_URL: model.url,
    BOARDROOM_MODEL: "scripted",
    BOARDROOM_API_KEY: "the-servers-key",
  };
  const { child, ended } = start(["serve", "--port", String(port), "--rounds", "1", "--kind", "math"], env);
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  const url = await new Promise<string>((resolve) => {
    child.stdout?.once("data", (text) => resolve(String(text).trim()));
  });
  expect(url).toBe(`http://127.0.0.1:${port}/v1`);
  const headers = { authorization: "Bearer the-servers-key" };
  const ask = (content: string) =>
    fetch(`${url}/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify(asked({ messages: [{ role: "user", content }] })),
    });
  expect(await (await ask("What is 6 times 7?")).json()).toMatchObject({ boardroom: { answer: "42" } });
  expect(model.requests.find(({ node }) => node === "solve")?.text).toContain("\\boxed");
  const unfinished = ask("Please hang.").then((reply) => reply.status);
  await until(() => model.requests.some(({ text, node }) => node === "solve" && text.includes("hang")));
  child.kill("SIGINT");
  expect(await unfinished).toBe(503);
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^1 run was unfinished: [\w-]+$/m);
  expect(stderr).not.toContain("the-servers-key");
  expect(said).toBe(stderr);
  await sleep(50);
  expect(model.inFlight).toBe(0);
  const traces = await boardroom(["traces", "ls", "--json"]);
  const rows: { question: string; status: string }[] = JSON.parse(traces.stdout);
  expect(rows.map(({ question }) => question).sort()).toEqual(["Please hang.", "What is 6 times 7?"]);
}, 120_000);

test.each([
  [["--host", "0.0.0.0"], /--host 0\.0\.0\.0 lets other machines in: set BOARDROOM_API_KEY/],
  [["--host", "::"], /lets other machines in/],
  [["--max-runs", "0"], /whole number from 1/],
  [["--port", "none"], /A port is 1 to 65535/],
])("serve %s is refused", async (args, says) => {
  const { code, stderr } = await inProcess(addServe, ["serve", "--trace", "off", ...args]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
});
