import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../paths.ts";

const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/studio.md"];
const textOf = (document: string): string => readFileSync(join(packageRoot, document), "utf8");
/** What stands in backticks, fenced code left out. */
const quoted = (document: string): string[] =>
  [
    ...textOf(document)
      .replace(/```[\s\S]*?```/g, "")
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, text = ""]) => text);

const words = (): Set<string> => {
  const skipped = ["node_modules", "dist", "test", ".git"];
  const files = rooms
    .filter((room) => !skipped.includes(room))
    .flatMap((room) =>
      readdirSync(join(packageRoot, room), { recursive: true, encoding: "utf8" }).map((file) =>
        join(room, file),
      ),
    )
    .filter((file) => /\.tsx?$/.test(file));
  return new Set(
    [...files, "index.ts", "secrets.ts", "paths.ts"].flatMap(
      (file) => textOf(file).match(/[A-Za-z]+/g) ?? [],
    ),
  );
};

/** Files that a reader makes: of the example stage, and of a user's own prompts. */
const made = ["nodes/verify.ts", "prompts/verify.md", "prompts/lock.json"];
const rooms = readdirSync(packageRoot, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** Paths from the root; of `answers/<kind>.ts` its folder. */
const paths = (document: string): string[] =>
  quoted(document)
    .filter((text) => /^[\w.-]+\/[\w./<>-]*$/.test(text) && rooms.includes(text.split("/")[0]!))
    .filter((path) => !made.includes(path))
    .map((path) => path.replace(/[^/]*<.*/, ""));

describe.each(documents)("what %s names", (document) => {
  test("in backticks as a file or folder is there", () => {
    const missing = paths(document).filter((path) => !existsSync(join(packageRoot, path)));
    expect(missing).toEqual([]);
  });

  test("in a link is there", () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = ""]) => to);
    const missing = links.filter((to) => !existsSync(join(packageRoot, document, "..", to)));
    expect(missing).toEqual([]);
  });
});

test("most files are named: the search for them finds some", () => {
  expect(paths("ARCHITECTURE.md").length).toBeGreaterThan(40);
  expect(paths("CONTRIBUTING.md").length).toBeGreaterThan(20);
});

test.each(["ARCHITECTURE.md", "CONTRIBUTING.md"])("every name of the code in %s stands in it", (document) => {
  const known = words();
  const names = quoted(document).filter((text) => /^(?:[a-z]+[A-Z]\w*|(?:[A-Z][a-z]+){2,})$/.test(text));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !known.has(name) && !name.endsWith("Verify"))).toEqual([]);
});

describe("a newcomer's question is answered in three files from the README on", () => {
  test.each([
    ["Where do I add a stage?", ["graphs/ceo.ts", "state/actions.ts"]],
    ["Where does a token get counted?", ["models/call-context.ts", "models/ledger.ts", "models/settle.ts"]],
  ])("%s", (question, files) => {
    expect(textOf("README.md")).toMatch(/\]\(ARCHITECTURE\.md\)/);
    const [, answer = ""] = textOf("ARCHITECTURE.md").split(`**${question}**`);
    for (const file of files) expect(answer.split("**")[0]).toContain(`\`${file}\``);
  });
});
