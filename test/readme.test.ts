import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { programFor } from "../cli/program.ts";
import { graph } from "../graphs/ceo.ts";
import { packageRoot } from "../paths.ts";

const readme = readFileSync(join(packageRoot, "README.md"), "utf8");

test("the picture in the README is the graph's own", async () => {
  const drawn = (await graph.getGraphAsync()).drawMermaid();
  const picture = /<!-- graph -->\n```mermaid\n([\s\S]*?)```\n<!-- \/graph -->/.exec(readme)?.[1];
  expect(picture, "run: npm run readme").toBe(drawn);
});

test("every command and option that the README shows exists", async () => {
  const shown = [...readme.matchAll(/boardroom -- ([^\n]*)/g)].map(([, line = ""]) => line.split("#")[0]!);
  expect(shown.length).toBeGreaterThan(20);
  for (const line of shown) {
    const command = await named(line.trim().split(/\s+/));
    const known = command.options.map(({ long }) => long);
    for (const [option] of line.matchAll(/(?<=\s)--[a-z][a-z0-9-]*/g)) expect(known, line).toContain(option);
  }
});

test("the README shows every command", async () => {
  const missing = (await leaves()).filter((command) => !readme.includes(`boardroom -- ${command}`));
  expect(missing).toEqual(["start"]); // which is `npm start`
});

/** The command that a line begins with: in a group, two words. */
async function named(words: string[]): Promise<Command> {
  const program = await programFor(words);
  const command = words.reduce<Command>(
    (found, word) => found.commands.find((one) => one.name() === word) ?? found,
    program,
  );
  expect(command, words.join(" ")).not.toBe(program);
  expect(command.commands, words.join(" ")).toEqual([]);
  return command;
}

/** Every command that does something, by its words. */
async function leaves(): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await programFor([])).commands.map((command) => command.name())) {
    const program = await programFor([name]);
    const group = program.commands.find((command) => command.name() === name)!.commands;
    found.push(...(group.length > 0 ? group.map((command) => `${name} ${command.name()}`) : [name]));
  }
  return found;
}

test("the two commands are scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  expect(scripts.start).toBeDefined();
  expect(scripts.test).toContain("vitest run");
});
