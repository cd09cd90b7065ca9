import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graph } from "../graphs/ceo.ts";
import { packageRoot } from "../paths.ts";
import { boardroom } from "./cli/boardroom.ts";

const readme = readFileSync(join(packageRoot, "README.md"), "utf8");

test("the picture in the README is the graph's own", async () => {
  const drawn = (await graph.getGraphAsync()).drawMermaid();
  const picture = /<!-- graph -->\n```mermaid\n([\s\S]*?)```\n<!-- \/graph -->/.exec(readme)?.[1];
  expect(picture, "run: npm run readme").toBe(drawn);
});

test("every command and option that the README shows exists", async () => {
  const { stdout } = await boardroom(["--help"]);
  const shown = [...readme.matchAll(/boardroom -- (\w+)([^\n]*)/g)];
  expect(shown.length).toBeGreaterThan(5);
  const help = new Map<string, string>();
  for (const [, command = "", rest = ""] of shown) {
    expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    if (!help.has(command)) help.set(command, (await boardroom([command, "--help"])).stdout);
    for (const [option] of rest.split("#")[0]!.matchAll(/--[a-z-]+/g))
      expect(help.get(command)).toContain(option);
  }
});

test("the two commands are scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  expect(scripts.start).toBeDefined();
  expect(scripts.test).toContain("vitest run");
});
