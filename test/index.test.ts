import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as library from "../index.ts";
import { packageRoot } from "../paths.ts";

test("the errors that the library exports are those that ARCHITECTURE.md lists", () => {
  const text = readFileSync(join(packageRoot, "ARCHITECTURE.md"), "utf8");
  const section = text.slice(text.indexOf("## Errors"));
  const listed = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/\w+/g) ?? [],
  );
  const errors = Object.entries(library)
    .filter(([, value]) => typeof value === "function" && value.prototype instanceof Error)
    .map(([name]) => name);
  expect(errors.sort()).toEqual(listed.sort());
});

test.each(["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "examples/README.md"])(
  "every file and script that %s names is there",
  (document) => {
    const text = readFileSync(join(packageRoot, document), "utf8");
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
    const paths = [...text.matchAll(/`((?:[a-z0-9-]+\/)+[\w.-]*\.(?:ts|md|yaml|jsonl|mjs)|\.[\w-]+\.mjs)`/g)];
    for (const [, path = ""] of paths)
      if (!path.includes("verify")) expect(() => readFileSync(join(packageRoot, path)), path).not.toThrow();
    for (const [, script = ""] of text.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(scripts).toHaveProperty(script);
  },
);
