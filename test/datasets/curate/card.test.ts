import matter from "gray-matter";
import { expect, test } from "vitest";
import { cardOf } from "../../../datasets/curate/card.ts";
import type { Manifest } from "../../../datasets/curate/manifest.ts";
import { codeSpan } from "../../../datasets/curate/markdown.ts";

const attacks = [
  "[free money](https://evil.example)",
  "![pixel](https://evil.example/p.png)",
  "<img src=https://evil.example/p.png>",
  "<script>alert(1)</script>",
  "`</code><b>bold</b>",
  "``two`` ticks",
  "`",
  "```",
  "a | b | c",
  "a\\| b",
  "a\n\n# A heading\n\nand text",
  "a\r\n---\r\nlicense: mit\r\n---",
  "name\u2028# heading",
  "gpt\u202e4",
  "https://evil.example",
  "@everyone and #1",
  "",
  " ",
  "a: b # no comment",
  "license: mit\nconfigs: []",
];

const manifest = (text: string): Manifest => ({
  version: 1,
  inputs: "0",
  source: {
    kind: "traces",
    from: text,
    projects: [text],
    benchmark: null,
    since: null,
    first: null,
    last: null,
  },
  settings: { rule: text },
  read: 2,
  kept: 1,
  yield: null,
  funnel: [{ step: text, in: 2, out: 1, share: null, reasons: { [text]: 1 } }],
  benchmarks: {
    checked: [{ benchmark: text, items: 1, whole: true }],
    unchecked: [{ benchmark: text, why: text }],
    flagged: 0,
  },
  difficulty: { known: 0, unknown: 1 },
  rows: { train: 1, validation: 0 },
  problems: { train: 1, validation: 0 },
  models: [text, "gpt-4o"],
  licences: [text],
  files: {},
});

/** What is left of Markdown without its code spans, as CommonMark finds these. */
const outsideSpans = (markdown: string) => markdown.replace(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, "");

test.each(attacks)("a name like %j means nothing in the card", { tags: ["attack:quoting"] }, (text) => {
  const plain = cardOf(manifest("plain"));
  const card = cardOf(manifest(text));
  expect(outsideSpans(matter(card).content)).toBe(outsideSpans(matter(plain).content));
  expect(matter(card).content.split("\n")).toHaveLength(matter(plain).content.split("\n").length);
  const { license, ...header } = matter(card).data;
  expect(license).toBe(text.toLowerCase());
  expect({ ...header, license: "plain" }).toEqual(matter(plain).data);
  const cells = card.split("\n").find((line) => line.includes("| 2 | 1 |"));
  expect(cells?.replaceAll("\\|", "").match(/\|/g)).toHaveLength(5);
});

test("an ordinary name reads as it is", () => {
  expect(codeSpan("Qwen/Qwen2.5-7B-Instruct")).toBe("`Qwen/Qwen2.5-7B-Instruct`");
});
