import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { addModels } from "../../cli/models.ts";
import { catalog, modelEntry } from "../../models/catalog.ts";
import { type Options, type Script, type SeenRequest, scriptedServer, tokens } from "../scripted-server.ts";
import { inProcess } from "./in-process.ts";

afterEach(() => void vi.unstubAllEnvs());

const check = (url: string, ...more: string[]) => {
  vi.stubEnv("OPENAI_BASE_URL", url);
  return inProcess(addModels, ["models", "--check", "m", ...more]);
};

async function server(script: Script, options?: Options) {
  const served = await scriptedServer(script, options);
  onTestFinished(() => served.close());
  return served;
}

const city = { settlement: "Lyon", letters: 4 };
const json = JSON.stringify(city);
/** What a capable model says: text to a question, the object to a wish for one, and on from where a reply began. */
const capable = ({ schema, text, maxTokens, messages, body }: SeenRequest) => {
  if (body.continue_final_message) return " 6, 7, 8, 9";
  if (schema) return city;
  if (text.includes("JSON")) return json;
  if ((maxTokens ?? 0) > 4096)
    return {
      status: 400,
      error: { message: "max_tokens is too large: this model supports at most 4096 completion tokens." },
    };
  if (tokens(messages.map(({ content }) => content).join("")) > 9000)
    return {
      status: 400,
      error: {
        message: "This model's maximum context length is 8192 tokens.",
        code: "context_length_exceeded",
      },
    };
  return "It is 42, since six sevens are forty-two.";
};
const talks = (says: object) => (request: SeenRequest) => {
  const said = capable(request);
  return typeof said === "string" && !request.text.includes("JSON") ? { content: said, ...says } : said;
};

test.each<[string, Script, Options, object, Record<string, string | null>]>([
  [
    "does all of OpenAI's",
    { "*": capable },
    { models: ["m"] },
    { context: 8192, maxOutput: 4096, continues: true },
    {
      listing: "lists m",
      usage: "reported",
      json_schema: "obeyed",
      tool: "obeyed",
      "largest output": "4096 tokens",
      thinking: "none seen",
    },
  ],
  [
    "ends a stream without a word when a prompt is too long",
    {
      "*": (request) => {
        if (request.text.length < 100_000)
          return (request.maxTokens ?? 0) > 1e6
            ? talks({})({ ...request, maxTokens: 100 })
            : capable(request);
        const message = "This model's maximum context length is 2048 tokens.";
        return request.stream ? { raw: { body: "" } } : { status: 400, error: { message } };
      },
    },
    { models: ["m"] },
    { context: 2048 },
    { context: "2048 tokens", "refused fields": "none" },
  ],
  [
    "knows no json_schema",
    { "*": capable },
    { refuses: ["json_schema"] },
    { structured: "tool" },
    { listing: "lists scripted, not m", json_schema: "refused", tool: "obeyed" },
  ],
  [
    "knows neither json_schema nor tools",
    { "*": capable },
    { refuses: ["json_schema", "tool"] },
    { structured: "json_object" },
    { tool: "refused", json_object: "obeyed" },
  ],
  [
    "takes every way and heeds none",
    { "*": (request) => (request.text.includes("JSON") ? "Lyon, of course." : capable(request)) },
    {},
    { structured: "prompt" },
    { json_schema: "taken, but the reply was another", prompt: "taken, but the reply was another" },
  ],
  ["reports no usage", { "*": talks({ usage: null }) }, {}, {}, { usage: "not reported" }],
  [
    "thinks in reasoning_content",
    { "*": talks({ reasoning: "six, twelve, eighteen, and so on up to forty-two" }) },
    {},
    { reasoning: "field" },
    { thinking: "in a field of its own" },
  ],
  [
    "thinks between tags",
    { "*": talks({ content: "<think>six, twelve, and so on</think>It is 42." }) },
    {},
    { reasoning: "think" },
    { thinking: "between tags in the reply" },
  ],
  [
    "refuses a system message, temperature and seed",
    {
      "*": (request) => {
        if (request.messages.some(({ role }) => role === "system"))
          return { status: 400, error: { message: "Only user and assistant roles are supported!" } };
        const field = ["temperature", "seed"].find((field) => field in request.body);
        return field
          ? { status: 400, error: { message: `Unsupported parameter: '${field}'` } }
          : capable(request);
      },
    },
    {},
    { system: false, temperature: false, omit: ["seed"] },
    { "system message": "refused", "refused fields": "seed" },
  ],
])("a server that %s gets its entry, ready to paste", async (_, script, options, entry, found) => {
  const { url } = await server(script, options);
  const { code, stdout, stderr } = await check(url, "--json");
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ name: "m", endpoint: url, entry: { name: "m", baseURL: url, ...entry } });
  const findings = Object.fromEntries(
    report.findings.map(({ what, found }: { what: string; found: string | null }) => [what, found]),
  );
  expect(findings).toMatchObject({ price: null, ...found });
  for (const [what, said] of Object.entries(found)) expect(stderr).toContain(`${what}: ${said}`);
});

test("the entry that is printed is one of a catalog, and what was not found out is said", async () => {
  const { url } = await server({ "*": talks({ usage: null }) }, { refuses: ["json_schema"] });
  const { code, stdout, stderr } = await check(url);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("# price: not found out, no server tells it");
  const [entry, ...others] = parse(stdout);
  expect(others).toEqual([]);
  expect(entry).toEqual({
    name: "m",
    context: 8192,
    maxOutput: 4096,
    structured: "tool",
    continues: true,
    baseURL: url,
  });
  const home = mkdtempSync(join(tmpdir(), "boardroom-check-"));
  writeFileSync(join(home, "models.yaml"), stdout);
  vi.stubEnv("BOARDROOM_HOME", home);
  expect(catalog().map(({ name }) => name)).toContain("m");
  expect(modelEntry("m")).toMatchObject({ structured: "tool", context: 8192 });
});

test.each<[string, Script | null, RegExp]>([
  ["refuses the key", { "*": { status: 401 } }, /refused the key for m \(401\)/],
  ["knows no such model", { "*": { status: 404 } }, /knows no model m \(404\)/],
  ["is not there", null, /cannot be reached for m .*nothing listens/],
])("a server that %s is one sentence and exit 1", async (_, script, words) => {
  const served = await scriptedServer(script ?? {});
  if (script) onTestFinished(() => served.close());
  else await served.close();
  const { code, stdout, stderr } = await check(served.url);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(words);
});

test("a model of this process is not asked", async () => {
  const { code, stderr } = await inProcess(addModels, ["models", "--check", "qwen2.5-1.5b-instruct"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/runs in this process/);
});
