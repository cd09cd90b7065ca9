import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, test, vi } from "vitest";
import { addSolve } from "../../cli/solve.ts";
import { apiKey, CatalogError, endpointOf, modelEntry } from "../../models/catalog.ts";
import { generateText } from "../../models/generate-text.ts";
import { inProcess } from "../cli/in-process.ts";
import { callContextTo, options, question } from "./call-context.ts";
import { limitedServer } from "./limited-server.ts";

const set = (values: Record<string, string>) => {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
};
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the address of a server", () => {
  it("is OpenAI's where it is blank, as in a copied .env.example", () => {
    for (const blank of ["", "  "]) {
      set({ OPENAI_BASE_URL: blank, OPENAI_API_KEY: blank });
      expect(endpointOf(modelEntry("gpt-4o"))).toBe("https://api.openai.com/v1");
      expect(() => apiKey(modelEntry("gpt-4o"))).toThrow(/set OPENAI_API_KEY/);
      expect(() => apiKey(modelEntry("m1-32b"))).toThrow(/set OPENAI_BASE_URL/);
    }
  });

  test.each([
    [" http://h:1/v1/ ", "http://h:1/v1"],
    ["http://h:1/v1/chat/completions", "http://h:1/v1"],
    ["HTTPS://h/v1//", "HTTPS://h/v1"],
  ])("%s is read as %s", (given, meant) => {
    set({ OPENAI_BASE_URL: given });
    expect(endpointOf(modelEntry("m"))).toBe(meant);
  });

  test.each([
    ["localhost:8000/v1", /lacks http:\/\//],
    ["api.example.com", /lacks http:\/\//],
    ["ftp://h/v1", /only http:\/\/ and https:\/\//],
    ["http://", /no URL/],
    ["http://h:99999/v1", /no URL/],
    ["http://a b/v1", /space/],
    ["http://h/v1?api-version=1", /without \?/],
    ["http://user:secret1@h/v1", /give a key/],
  ])("%s is refused before anything is sent: %s", (given, why) => {
    set({ OPENAI_BASE_URL: given });
    expect(() => endpointOf(modelEntry("m"))).toThrow(why);
    expect(() => endpointOf(modelEntry("m"))).toThrow(CatalogError);
    expect(() => endpointOf(modelEntry("m"))).not.toThrow(/secret1/);
  });
});

test.each([
  ["malformed URL", { OPENAI_BASE_URL: "localhost:9" }, /OPENAI_BASE_URL is "localhost:9"/],
  [
    "a key that no header can carry",
    { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: "sk-“abc”" },
    /OPENAI_API_KEY cannot be sent: its character 4/,
  ],
  [
    "a key of two lines",
    { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: "sk-abc\ndef" },
    /character 7/,
  ],
])("%s: exit 2 with one sentence, no request", async (_, env, words) => {
  set(env);
  const { code, stderr, stdout } = await inProcess(addSolve, [
    "solve",
    "1 + 1?",
    "--model",
    "m",
    "--mode",
    "solo",
    "--json",
    "--trace",
    "off",
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/abc/);
  expect(stdout).toBe("");
});

test.each([
  ["", /^boardroom: The name of the model is blank\.\n$/],
  ["  ", /^boardroom: The name of the model is blank\.\n$/],
  ["a\nb", /^boardroom: "a\\nb" is no model's name: .*\.\n$/],
  ["a\u0000b", /^boardroom: "a\\u0000b" is no model's name: .*\.\n$/],
  ["a\u001b[2Jb", /^boardroom: "a\\u001b\[2Jb" is no model's name: .*\.\n$/],
])("the model's name %j: exit 2 with one sentence, no request", async (name, words) => {
  set({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
  const { code, stderr, stdout } = await inProcess(addSolve, [
    "solve",
    "x",
    "--model",
    name,
    "--trace",
    "off",
  ]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(words);
});

describe("a name", () => {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-gguf-"));
  const file = join(folder, "x.gguf");
  writeFileSync(file, "");

  it("that ends with .gguf is the server's, where one is named and the name is bare or no file is there", () => {
    expect(modelEntry("x.gguf").provider).toBe("llama.cpp");
    set({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
    expect(modelEntry("x.gguf").provider).toBe("openai");
    expect(modelEntry("/models/none.gguf").provider).toBe("openai");
    expect(modelEntry(file).provider).toBe("llama.cpp");
  });

  it("of a hosted model without its key is asked for at the server that has one", () => {
    set({ OPENAI_BASE_URL: "https://gateway.example/v1", OPENAI_API_KEY: "key-of-gateway" });
    vi.stubEnv("DEEPSEEK_API_KEY", undefined);
    const entry = modelEntry("deepseek-chat");
    expect([endpointOf(entry), apiKey(entry)]).toEqual(["https://gateway.example/v1", "key-of-gateway"]);
    set({ DEEPSEEK_API_KEY: "key-of-deepseek" });
    const own = modelEntry("deepseek-chat");
    expect([endpointOf(own), apiKey(own)]).toEqual(["https://api.deepseek.com/v1", "key-of-deepseek"]);
  });

  it("that is also a file here is asked for at the server, and that is said", async () => {
    const server = await limitedServer(() => null);
    set({ OPENAI_BASE_URL: server.url });
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    const { code, stderr } = await inProcess(addSolve, [
      "solve",
      "1 + 1?",
      "--model",
      "x.gguf",
      "--mode",
      "solo",
      "--trace",
      "off",
    ]);
    expect([code, server.requests.length]).toEqual([0, 1]);
    expect(stderr).toMatch(/used when it is given as \.\/x\.gguf/);
    rmSync(file);
  });
});

test("dollars without a price are refused", async () => {
  const server = await limitedServer(() => null);
  set({ OPENAI_BASE_URL: server.url });
  const { code, stderr } = await inProcess(addSolve, [
    "solve",
    "1 + 1?",
    "--model",
    "m",
    "--budget-usd",
    "0.01",
    "--trace",
    "off",
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/m has no price, so --budget-usd cannot hold/);
  expect(server.requests).toHaveLength(0);
});

describe("a connection that fails is told by its cause, and costs nothing", () => {
  const failing = async (url: string) => {
    const context = await callContextTo({ url });
    const error = await generateText(context, question, options).catch(String);
    expect(context.budget.left.tokens).toBe(100_000);
    return { error, tries: context.calls.length };
  };
  const plainPort = async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  };

  const closedPort = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return port;
  };

  test("a port that fetch does not connect to", async () => {
    expect(await failing("http://127.0.0.1:9/v1")).toMatchObject({
      error: expect.stringMatching(/bad port/),
      tries: 1,
    });
  });
  test("a closed port", async () => {
    const { error } = await failing(`http://127.0.0.1:${await closedPort()}/v1`);
    expect(error).toMatch(/cannot be reached .*nothing listens at this address and port \(ECONNREFUSED\)/);
  });
  test("an unknown host", async () => {
    set({ OPENAI_API_KEY: "some-key" });
    const { error } = await failing("http://nobody.invalid/v1");
    expect(error).toMatch(
      /there is no host of this name \(ENOTFOUND\)|the name server does not answer \(EAI_AGAIN\)/,
    );
  });
  test("TLS to a plain port, which is not tried again", async () => {
    const { error, tries } = await failing(`https://127.0.0.1:${await plainPort()}/v1`);
    expect(error).toMatch(/does not speak TLS/);
    expect(tries).toBe(1);
  });
});

describe("a proxy of the environment", () => {
  async function proxy() {
    const seen: string[] = [];
    const server = createHttpServer((req, res) => {
      seen.push(req.url ?? "");
      res.writeHead(502).end();
    });
    server.on("connect", (req, socket, head) => {
      seen.push(req.url ?? "");
      const to = connect(Number(req.url?.split(":")[1]), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        to.write(head);
        to.pipe(socket).pipe(to);
      });
      for (const end of [to, socket]) end.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }

  test("is used, except for the hosts of NO_PROXY", async () => {
    vi.resetModules(); // the variables are read once for the process
    const fresh = await import("../../models/generate-text.ts");
    const { callContextTo: freshCallContextTo } = await import("./call-context.ts");
    const [server, through] = [await limitedServer(() => null), await proxy()];
    const port = new URL(server.url).port;
    set({
      OPENAI_API_KEY: "some-key",
      HTTP_PROXY: through.url,
      http_proxy: through.url,
      NO_PROXY: "127.0.0.1",
      no_proxy: "127.0.0.1",
    });
    const direct = await freshCallContextTo(server);
    expect(await fresh.generateText(direct, question, options)).toMatchObject({ text: "Answer: 42" });
    expect(through.seen).toEqual([]);
    const proxied = await freshCallContextTo({ url: `http://model.example:${port}/v1` });
    expect(await fresh.generateText(proxied, question, options)).toMatchObject({ text: "Answer: 42" });
    expect(through.seen).toEqual([`model.example:${port}`]);
  });
});
