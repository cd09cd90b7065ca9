import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { recipe } from "../../finetune/recipes/recipe.ts";
import { apiCommand, vllmCommand } from "../../finetune/serve/command.ts";
import { start } from "../cli/boardroom.ts";
import { smollm } from "../models/smollm.ts";
import { exportFolder } from "./export-folder.ts";
import { finetuneHome, until } from "./runs.ts";
import { standInEnvironment } from "./stand-in-python.ts";

const { home, finetune, has, folderOf } = finetuneHome("serve");
const seen = join(home, "vllm.json");
const catalogFile = join(home, "models.yaml");
const MINE = '# kept by hand\n- name: mine # and this\n  baseURL: "http://127.0.0.1:9/v1"\n';
const Completion = z.looseObject({
  choices: z.array(z.looseObject({ message: z.object({ role: z.string(), content: z.string() }) })),
});
const entries = () => parse(readFileSync(catalogFile, "utf8"));

const free = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** The command in a process of its own, once it has printed where it listens. */
async function serving(args: string[], env: Record<string, string> = {}) {
  const path = `${join(import.meta.dirname, "serve")}:${process.env.PATH}`;
  const { child, ended } = start(["finetune", "serve", ...args], {
    BOARDROOM_HOME: home,
    PATH: path,
    ...env,
  });
  const [line] = await Promise.race([
    createInterface({ input: child.stdout! })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [value]),
    ended.then(({ stderr }) => [stderr]),
  ]);
  return { url: String(line), end: () => child.kill("SIGINT") && ended };
}

beforeAll(async () => {
  standInEnvironment(home);
  const weights = await smollm();
  mkdirSync(join(home, "weights"));
  linkSync(weights, join(home, "weights", basename(weights)));
  const base = join(home, "finetune", "bases", "smollm2-135m-instruct");
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, "model.safetensors"), "stand-in");
  const launched = await finetune([
    "launch",
    "--data",
    exportFolder(),
    "--recipe",
    "cpu-smoke",
    "--name",
    "good",
  ]);
  expect(launched.code, launched.stderr).toBe(0);
  await until(() => has("good", "exit"));
}, 120_000);

describe("finetune serve", () => {
  test("enters a run's result into the user's catalog, once, and leaves the rest of it alone", async () => {
    writeFileSync(catalogFile, MINE);
    const args = ["serve", "good", "--no-server"];
    for (let times = 0; times < 2; times++) expect((await finetune(args)).code).toBe(0);
    expect(readFileSync(catalogFile, "utf8")).toContain(MINE.trimEnd());
    expect(entries()).toEqual([
      { name: "mine", baseURL: "http://127.0.0.1:9/v1" },
      {
        ...{ name: "good", provider: "llama.cpp", weights: join(folderOf("good"), "good.Q8_0.gguf") },
        ...{
          context: 8192,
          maxOutput: 400,
          budgetTokens: 3000,
          structured: "grammar",
          layout: "shared-prefix",
        },
        tuned: {
          ...{ base: "smollm2-135m-instruct", run: "good", recipe: "cpu-smoke" },
          dataset: expect.stringMatching(/^[0-9a-f]{64}$/),
          date: new Date().toISOString().slice(0, 10),
        },
      },
    ]);
    for (const name of ["mine", "gpt-4o"]) {
      const refused = await finetune([...args, "--name", name]);
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringContaining(`another model named ${name}`),
      ]);
    }
    expect(entries()).toHaveLength(2);
  });

  test("answers as OpenAI does, from llama.cpp, until it is interrupted", { timeout: 90_000 }, async () => {
    const port = await free();
    const { url, end } = await serving(["good", "--port", String(port)]);
    expect(url).toBe(`http://127.0.0.1:${port}/v1`);
    const ask = (body: object) =>
      fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify(body) });
    const messages = [{ role: "user", content: "What is the capital of France?" }];
    expect(await (await fetch(`${url}/models`)).json()).toMatchObject({ data: [{ id: "good" }] });

    const whole = Completion.parse(await (await ask({ messages, max_tokens: 6, temperature: 0 })).json());
    expect(whole).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant" }, finish_reason: "length" }],
      usage: { prompt_tokens: 37, completion_tokens: 6 },
    });
    const streamed = await (
      await ask({
        messages,
        max_tokens: 6,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      })
    ).text();
    const events = streamed.split("\n\n").flatMap((event) => /^data: (\{.*)$/.exec(event)?.[1] ?? []);
    const chunks = events.map((event) => JSON.parse(event));
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 6 } });
    expect(streamed.trimEnd().endsWith("data: [DONE]")).toBe(true);

    const schema = { type: "object", properties: { yes: { type: "boolean" } }, required: ["yes"] };
    const format = { type: "json_schema", json_schema: { name: "x", schema } };
    const json = Completion.parse(
      await (await ask({ messages, max_tokens: 30, temperature: 0, response_format: format })).json(),
    );
    expect(JSON.parse(json.choices[0]!.message.content)).toEqual({ yes: expect.any(Boolean) });

    const wrong = await ask({ messages: [] });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: expect.objectContaining({ message: expect.stringContaining("messages") }) },
    ]);
    const long = await ask({ messages: [{ role: "user", content: "word ".repeat(9_000) }] });
    expect(await long.json()).toMatchObject({ error: { code: "context_length_exceeded" } });

    const second = await finetune(["serve", "good", "--port", String(port)]);
    expect([second.code, second.stderr]).toEqual([
      2,
      `boardroom: port ${port} of this machine is taken: choose another with --port.\n`,
    ]);
    expect((await end()) || null).toMatchObject({ code: 0 });
  });

  test("starts vLLM where that is asked for, and says its last words when it fails", {
    timeout: 60_000,
  }, async () => {
    const port = await free();
    const args = ["good", "--engine", "vllm", "--port", String(port), "--name", "on-gpus"];
    const { url, end } = await serving(args, { VLLM_SEEN: seen });
    expect(url).toBe(`http://127.0.0.1:${port}/v1`);
    expect(JSON.parse(readFileSync(seen, "utf8"))).toEqual([
      ...["serve", join(folderOf("good"), "output"), "--served-model-name", "on-gpus"],
      ...[
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--tensor-parallel-size",
        "1",
        "--max-model-len",
        "8192",
      ],
    ]);
    expect(entries().at(-1)).toMatchObject({ name: "on-gpus", baseURL: url, continues: true });
    expect(await end()).toMatchObject({ code: 0 });

    const failed = await finetune(["serve", ...args], { VLLM_SEEN: seen, VLLM_FAILS: "no GPU" });
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/boardroom: vllm ended with exit code 1: RuntimeError: no GPU\n$/),
    ]);
  });

  test("refuses a run that is not there or has no result", async () => {
    const none = await finetune(["serve", "nothing"]);
    expect([none.code, none.stderr]).toEqual([2, "boardroom: there is no run nothing: there are good.\n"]);
    const launch = [
      "launch",
      "--data",
      exportFolder("cpu-smoke", "other"),
      "--recipe",
      "cpu-smoke",
      "--name",
      "bad",
    ];
    await finetune(launch, { STAND_IN: "crash" });
    await until(() => has("bad", "exit"));
    const bad = await finetune(["serve", "bad"]);
    expect([bad.code, bad.stderr]).toEqual([
      1,
      expect.stringMatching(/run bad has no result yet \(failed\): /),
    ]);
  });
});

test("a LoRA adapter is served on its base, over as many GPUs as divide the heads", () => {
  const { args } = vllmCommand(
    { recipe: recipe("m1-32b-lora-4gpu"), output: "/runs/a/output" },
    { name: "a", port: 8000, gpus: 6 },
  );
  expect(args.join(" ")).toMatch(
    /^serve Qwen\/Qwen2.5-32B-Instruct --enable-lora --max-lora-rank \d+ --lora-modules a=\/runs\/a\/output .*--tensor-parallel-size 5 /,
  );
});

test("LLaMA-Factory's own server takes its arguments as flags", () => {
  const { args, env } = apiCommand(
    { recipe: recipe("cpu-smoke"), output: "/runs/a/output" },
    { name: "a", port: 8000, trainer: "llamafactory-cli" },
  );
  expect(args.slice(0, 3)).toEqual(["api", "--model_name_or_path", "/runs/a/output"]);
  expect(env).toEqual({ API_HOST: "127.0.0.1", API_PORT: "8000", API_MODEL_NAME: "a" });
});
