import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "langsmith";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addDemo } from "../../cli/demo.ts";
import { pullPrompt, pushPrompt } from "../../cli/prompts/hub.ts";
import { addPrompts } from "../../cli/prompts.ts";
import { packageRoot } from "../../paths.ts";
import { promptNames, promptText } from "../../prompts/index.ts";
import { type PromptHub, promptHub } from "../prompt-hub.ts";
import { inProcess } from "./in-process.ts";

describe("list", () => {
  test("names node, hash and holes of each prompt", async () => {
    const { code, stdout } = await inProcess(addPrompts, ["prompts", "list", "--json"]);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as {
      prompt: string;
      node: string | null;
      tokens: number;
      holes: string[];
    }[];
    expect(rows.map(({ prompt }) => prompt)).toEqual([...promptNames]);
    const critique = rows.find(({ prompt }) => prompt === "critique");
    expect(critique).toMatchObject({
      node: "critique",
      holes: ["name", "lead"],
      optional: ["expertise", "focus", "direction"],
    });
    expect(critique!.tokens).toBeGreaterThan(60);
  });
});

describe("render", () => {
  let thread = "";
  beforeAll(async () => {
    process.env.BOARDROOM_HOME = mkdtempSync(join(tmpdir(), "boardroom-prompts-"));
    const { stdout } = await inProcess(addDemo, ["demo", "--json", "--trace", "local"]);
    thread = JSON.parse(stdout).threadId;
  });
  const render = (...args: string[]) => inProcess(addPrompts, ["prompts", "render", ...args]);

  test("prints what the node sent, and no other node's", async () => {
    const { stdout } = await render("ceo", "--thread", thread, "--step", "1", "--json");
    const [request, ...others] = JSON.parse(stdout);
    expect(others).toEqual([]);
    expect(request).toMatchObject({ node: "ceo", step: 1, prompt: "ceo" });
    expect(request.messages[0].content).toContain("Why is the sum of two odd numbers always even?");
    expect(request.messages[0].content).toContain("Reply with the JSON object alone.");
  });
  test("says at which steps the node spoke where it did not at this one", async () => {
    const { code, stderr } = await render("critique", "--thread", thread, "--step", "1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/critique called no model at step 1 in .*; it did at \d+/);
  });
  test("takes nodes alone that call a model", async () => {
    expect((await render("conclude", "--thread", thread)).code).toBe(2);
  });
});

describe("against LangSmith's hub", () => {
  let hub: PromptHub;
  /** A copy of the built package: these commands write into its prompts. */
  const root = mkdtempSync(join(tmpdir(), "boardroom-package-"));
  const file = (name: string) => join(root, "prompts", name);
  const original = readFileSync(join(packageRoot, "prompts", "critique.md"), "utf8");
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((ended) => {
      execFile(
        process.execPath,
        [join(root, "dist", "cli", "main.js"), "prompts", ...args],
        { env: { ...process.env, LANGSMITH_ENDPOINT: hub.url, LANGSMITH_API_KEY: "lsv2_pt_test" } },
        (error, stdout, stderr) => ended({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  const rows = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

  beforeAll(async () => {
    hub = await promptHub();
    for (const part of ["dist", "prompts", "models", "package.json"])
      cpSync(join(packageRoot, part), join(root, part), { recursive: true });
    symlinkSync(join(packageRoot, "node_modules"), join(root, "node_modules"));
  });
  afterAll(() => hub.close());
  beforeEach(() => writeFileSync(file("critique.md"), original));

  test("a prompt goes there once, comes back as it was edited, and no edit is overwritten", async () => {
    expect(await rows("check", "critique")).toMatchObject([{ drift: "not in the hub" }]);

    const [first] = await rows("push", "critique");
    expect(first).toMatchObject({ outcome: "pushed" });
    expect(first.commit).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(readFileSync(file("lock.json"), "utf8")).critique.commit).toBe(first.commit);
    expect(await rows("push", "critique")).toMatchObject([{ outcome: "unchanged", commit: first.commit }]);
    expect(hub.commits("boardroom-critique")).toHaveLength(1);
    expect((await run("check", "critique")).code).toBe(0);

    // Edited there: a push is refused, a pull takes it and leaves the front matter.
    hub.edit("boardroom-critique", (text) => `${text}\nBe fair.`);
    expect((await run("check", "critique")).code).toBe(1);
    const refused = await run("push", "critique");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("--force");
    expect((await run("diff", "critique")).stdout).toMatch(/^-Be fair\.$/m);
    expect(await rows("pull", "critique")).toMatchObject([{ drift: "edited in the hub", outcome: "pulled" }]);
    expect(readFileSync(file("critique.md"), "utf8")).toBe(`${original}\nBe fair.`);

    // Edited here as well as there: neither is overwritten unless by force.
    writeFileSync(file("critique.md"), `${original}\nBe brief.`);
    expect(await rows("check", "critique")).toMatchObject([{ drift: "edited here" }]);
    expect(await rows("pull", "critique")).toMatchObject([{ outcome: "left alone" }]);
    hub.edit("boardroom-critique", (text) => `${text}\nBe kind.`);
    expect(await rows("pull", "critique")).toMatchObject([{ drift: "edited in both", outcome: "refused" }]);
    expect(readFileSync(file("critique.md"), "utf8")).toContain("Be brief.");
    expect(await rows("push", "critique", "--force")).toMatchObject([{ outcome: "pushed" }]);
    expect(JSON.stringify(hub.commits("boardroom-critique").at(-1))).toContain("Be brief.");
  }, 300_000);

  test("a text that cannot be used does not replace one that can", async () => {
    await run("push", "critique", "--force");
    hub.edit("boardroom-critique", (text) => text.replace("{{ lead }}", "somebody"));
    const { code, stderr } = await run("pull", "critique", "--force");
    expect(code).toBe(2);
    expect(stderr).toContain("lost its hole {{ lead }}");
    expect(stderr).not.toContain("    at ");
    expect(readFileSync(file("critique.md"), "utf8")).toBe(original);
  }, 300_000);

  test("the service's own answer to an unchanged prompt is no error, and names the commit that holds it", async () => {
    const client = new Client({ apiUrl: hub.url, apiKey: "lsv2_pt_test" });
    const commit = await pushPrompt(client, "repair", promptText("repair"));
    expect(await pushPrompt(client, "repair", promptText("repair"))).toBe(commit);
    expect(hub.commits("boardroom-repair").map(({ commit_hash }) => commit_hash)).toEqual([commit]);
    expect(await pullPrompt(client, "repair")).toEqual({ commit, text: promptText("repair") });
  });
});
