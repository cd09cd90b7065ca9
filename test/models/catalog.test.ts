import { rmSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it, onTestFinished, test } from "vitest";
import { apiKey, catalog, endpointOf, modelEntry, userCatalog } from "../../models/catalog.ts";
import { solve } from "../../runtime/solve.ts";
import { board, type SeenRequest, scriptedServer } from "../scripted-server.ts";

afterEach(() => {
  rmSync(userCatalog(), { force: true });
  delete process.env.OPENAI_BASE_URL;
  delete process.env.HOUSE_KEY;
});

const task = { question: "What is six times seven?", kind: "open" as const };

async function serve() {
  const server = await scriptedServer(board({ agree: false, rounds: 1 }));
  onTestFinished(() => server.close());
  return server;
}

describe("the models known by name", () => {
  const names = catalog().map(({ name }) => name);

  it("are those of the reference, and the embedded ones", () => {
    expect(names).toEqual(
      expect.arrayContaining([
        ...["gpt-4o", "gpt-4o-mini", "o3-mini", "deepseek-chat", "deepseek-reasoner"],
        ...["together/deepseek-chat", "together/deepseek-reasoner"],
        ...["qwen2.5-32b-instruct", "s1.1-32b", "r1-distill-qwen-32b", "m1-32b"],
        ...["qwen2.5-1.5b-instruct", "smollm2-135m-instruct"],
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(catalog())("$name is told where to go and what it costs", (entry) => {
    const { price, context, maxOutput = 1, provider, selfHosted, baseURL } = entry;
    expect(maxOutput).toBeLessThan(context);
    const hosted = provider === "openai" && !selfHosted;
    expect(price.output > 0).toBe(hosted);
    expect(price.output).toBeGreaterThanOrEqual(price.input);
    expect(price.cachedInput ?? price.input).toBeLessThanOrEqual(price.input);
    if (!hosted) expect(baseURL).toBeUndefined();
  });

  it("are found in any case; another name is a model of the endpoint, a path a file", () => {
    expect(modelEntry("GPT-4o").name).toBe("gpt-4o");
    expect(modelEntry("house/model")).toMatchObject({ provider: "openai", structured: "json_schema" });
    expect(modelEntry("/x/y.gguf")).toMatchObject({ provider: "llama.cpp", structured: "grammar" });
  });

  it("need a key, except on this machine; the sentence names the variable", () => {
    expect(() => apiKey(modelEntry("deepseek-chat"))).toThrow(/DEEPSEEK_API_KEY/);
    expect(() => apiKey(modelEntry("m1-32b"))).toThrow(/OPENAI_BASE_URL/);
    process.env.OPENAI_BASE_URL = "http://127.0.0.1:8000/v1/";
    expect(apiKey(modelEntry("m1-32b"))).toBeNull();
    expect(endpointOf(modelEntry("m1-32b"))).toBe("http://127.0.0.1:8000/v1");
  });

  it("without a key of their own are asked for at the server that was named", () => {
    process.env.OPENAI_BASE_URL = "http://127.0.0.1:8000/v1";
    const key = process.env.DEEPSEEK_API_KEY;
    expect(endpointOf(modelEntry("deepseek-chat"))).toBe("http://127.0.0.1:8000/v1");
    process.env.DEEPSEEK_API_KEY = "key-of-deepseek";
    expect(endpointOf(modelEntry("deepseek-chat"))).toBe("https://api.deepseek.com/v1");
    if (key === undefined) delete process.env.DEEPSEEK_API_KEY;
  });
});

describe("the user's file", () => {
  it("adds a model with one entry and no code, and wins over a known name", async () => {
    const server = await serve();
    process.env.HOUSE_KEY = "house-key-1234";
    writeFileSync(
      userCatalog(),
      `- name: house
  id: org/house-7b
  baseURL: ${server.url}
  apiKeyEnv: HOUSE_KEY
  price: { input: 1, output: 2 }
  budgetTokens: 5000
  body: { top_k: 5 }
- { name: gpt-4o, context: 1000 }
`,
    );
    expect(modelEntry("gpt-4o").context).toBe(1000);
    const result = await solve({ mode: "solo", task, settings: { model: "house" } });
    expect(result).toMatchObject({ answer: "42", budget: { tokens: 5000 } });
    const { inputTokens, outputTokens, usd } = result.usage;
    expect(usd).toBeCloseTo((inputTokens + 2 * outputTokens) / 1e6, 9);
    const [{ model, body, headers }] = server.requests as [SeenRequest];
    expect([model, body.top_k, headers.authorization]).toEqual(["org/house-7b", 5, "Bearer house-key-1234"]);
  });

  test.each([
    ["- name: [", /is not YAML/],
    ["- { name: x, colour: red }", /entry 0: .*colour/],
    ["- { name: x, context: -1 }", /entry 0\.context: /],
  ])("that says %s is refused with the place", (text, error) => {
    writeFileSync(userCatalog(), text);
    expect(() => catalog()).toThrow(error);
  });
});

it("gives each node its own model, in one run", async () => {
  const [big, small] = [await serve(), await serve()];
  writeFileSync(
    userCatalog(),
    `- { name: big, baseURL: "${big.url}", structured: tool }\n- { name: small, baseURL: "${small.url}", structured: json_object }\n`,
  );
  const settings = { model: "small", modelCeo: "big", modelEvaluate: "big", budgetTokens: 20_000 };
  const mode = "ceo" as const;
  const result = await solve({ mode, task, settings });
  expect(result.answer).toBe("42");
  expect(new Set(big.requests.map(({ node }) => node))).toEqual(new Set(["ceo"]));
  expect(new Set(small.requests.map(({ node }) => node))).toEqual(new Set(["recruit", "solve", "critique"]));
  expect(big.requests.every(({ body }) => body.tools !== undefined)).toBe(true);
});

describe("the prompt's layout", () => {
  const roles = ({ messages }: SeenRequest) => messages.map(({ role }) => role);
  const said = async (layout: string) => {
    const server = await serve();
    writeFileSync(userCatalog(), `- { name: m, baseURL: "${server.url}", layout: ${layout} }\n`);
    await solve({
      mode: "team",
      task,
      settings: { model: "m", budgetTokens: 20_000, rounds: 1, maxTurns: 1 },
    });
    return server.requests;
  };

  it("mas-tts: the role is the system message, task and history are one user message", async () => {
    const requests = await said("mas-tts");
    for (const request of requests) expect(roles(request)).toEqual(["system", "user"]);
    const critique = requests.find(({ node }) => node === "critique")!;
    const [system, user] = critique.messages.map(({ content }) => String(content));
    expect(system).toMatch(/You are Blaise/);
    expect(user).toMatch(/six times seven.*<said by="Ada" as="draft">/s);
    expect(user).not.toMatch(/You are Blaise/);
  });

  it("shared-prefix: one user message, that ends with the role", async () => {
    const requests = await said("shared-prefix");
    for (const request of requests) expect(roles(request)).toEqual(["user"]);
    const critics = requests.filter(({ node }) => node === "critique").map(({ text }) => text);
    const common = critics[0]!.indexOf("You are ");
    expect(common).toBeGreaterThan(critics[0]!.length * 0.8);
    expect(new Set(critics.map((text) => text.slice(0, common))).size).toBe(1);
  });
});
