import { describe, expect, test } from "vitest";
import { extract, groups, kinds, type Problem } from "../../answers/answer.ts";
import * as choice from "../../answers/choice.ts";
import * as code from "../../answers/code.ts";
import * as concepts from "../../answers/concepts.ts";
import * as open from "../../answers/open.ts";

describe("choice", () => {
  const choices = ["3 km", "a red fox", "the Moon", "fox"];

  test.each([
    ["Answer: C", "C"],
    ["**Answer: B**", "B"],
    ["**Answer:** B", "B"],
    ["Answer: (A)", "A"],
    ["answer: $D$", "D"],
    ["Answer: A\n… wait\nAnswer: B", "B"],
    [String.raw`The final choice is \boxed{C}`, "C"],
    [String.raw`\boxed{\text{(C)}}`, "C"],
    ["the answer is option c", "C"],
    ["The answer is for sure D, it can't be A or B", "D"],
    ["So the correct answer is **(B)**.", "B"],
    ["I choose D", "D"],
    ["A. Because B is not valid", "A"],
    ["(D) Alina", "D"],
    ["C", "C"],
    ["**C**", "C"],
    ["It must be the Moon.", "C"],
    ["It is a red fox", "B"],
    ["<think>Answer: A</think>Answer: B", "B"],
  ])("%s", (reply, letter) => {
    expect(choice.extract(reply, { choices }).answer).toBe(letter);
  });

  test.each([
    "No valid answer here",
    "",
    "Answer: Because it is so",
    "Answer: F",
    "The answer is a matter of taste",
  ])("no letter in: %s", (reply) => {
    expect(choice.extract(reply, { choices }).answer).toBeNull();
  });
});

const fenced = (...blocks: string[]) =>
  blocks.map((block) => `\`\`\`python\n${block}\`\`\``).join("\n\ntext\n\n");

describe("code", () => {
  const f = "def f(x):\n    return g(x)\n";
  const g = "def g(x):\n    return x + 1\n";

  test("takes the block that defines the entry point, with the helpers it uses", () => {
    const reply = fenced("import math\n", g, f, "print(f(1))\n", "def unused():\n    pass\n");
    expect(code.extract(reply, { entryPoint: "f" })).toEqual({
      answer: `import math\n\n${g}\n${f}`,
      method: "entry point",
    });
  });

  test("keeps a helper that comes later", () => {
    expect(code.extract(fenced(f, g), { entryPoint: "f" }).answer).toBe(`${f}\n${g}`);
  });

  test("takes the last of two versions", () => {
    const better = "def f(x):\n    return 2\n";
    expect(code.extract(fenced(f, better), { entryPoint: "f" }).answer).toBe(better);
  });

  test("leaves other languages out", () => {
    const reply = `\`\`\`python\n${g}\`\`\`\n\`\`\`bash\ng 1\n\`\`\``;
    expect(code.extract(reply).answer).toBe(g);
  });

  test("takes a block that was cut before its closing fence", () => {
    expect(code.extract(`Here:\n\`\`\`python\n${g}`, { entryPoint: "g" })).toEqual({
      answer: g,
      method: "open fence",
    });
  });

  test("finds code without a fence", () => {
    expect(code.extract(`Sure!\n\n${g}\nThis adds one.`)).toEqual({ answer: g, method: "bare code" });
    expect(code.extract("I cannot do that.").answer).toBeNull();
  });

  test("programs are the same but for comments and layout", () => {
    expect(code.equivalent(g, "# adds\ndef g( x ):\n\n  return x+1  # one\n")).toBe(true);
    expect(code.equivalent(g, "def g(x):\n    return x + 2\n")).toBe(false);
    expect(code.equivalent('s = "a  # b"\n', 's = "a # b"\n')).toBe(false);
    expect(code.equivalent("if a:\n  b()\nc()\n", "if a:\n  b()\n  c()\n")).toBe(false);
  });
});

describe("concepts", () => {
  test("counts any inflection", () => {
    const text = "The children ran while geese were being fed by mothers.";
    expect(concepts.coverage(text, ["child", "run", "goose", "feed", "mother", "dog"])).toEqual({
      covered: ["child", "run", "goose", "feed", "mother"],
      missing: ["dog"],
      share: 5 / 6,
    });
  });

  test("the empty text covers nothing, and nothing is asked for by no concepts", () => {
    expect(concepts.coverage("", ["dog"]).share).toBe(0);
    expect(concepts.coverage("", []).share).toBe(1);
    expect(concepts.coverage("constructor", ["toString"]).share).toBe(0);
  });

  test.each([
    ["Answer: A dog runs.", "A dog runs."],
    ["Some notes.\n\n**Answer:** A dog runs.\nIt barks.", "A dog runs.\nIt barks."],
    ["```\nA dog runs.\n```", "A dog runs."],
    ["<think>dog, run</think>\nA dog runs.", "A dog runs."],
    ['"A dog runs."', "A dog runs."],
  ])("%s", (reply, text) => {
    expect(concepts.extract(reply).answer).toBe(text);
  });
});

describe("open", () => {
  test.each([
    ["Thinking…\nAnswer: The Nile.", "The Nile"],
    ["The final answer is **Paris**.", "Paris"],
    [String.raw`So \boxed{\text{Mount Everest}}.`, "Mount Everest"],
    ["It flows north.\nThe Nile", "The Nile"],
  ])("%s", (reply, answer) => {
    expect(open.extract(reply).answer).toBe(answer);
  });

  test("answers are the same but for case, articles and punctuation, numbers by value", () => {
    expect(open.equivalent("The Nile.", "nile")).toBe(true);
    expect(open.equivalent("1,000", "1000.0")).toBe(true);
    expect(open.equivalent("Café", "Cafe\u0301")).toBe(true);
    expect(open.equivalent("1.5", "15")).toBe(false);
    expect(open.equivalent("-5", "5")).toBe(false);
    expect(open.equivalent("Nile", "Amazon")).toBe(false);
    expect(open.equivalent("?", "!")).toBe(false);
  });
});

test("equivalent answers are grouped in the order in which they came", () => {
  expect(groups(["1/2", "3", "0.5", "x = 3", "4"], { kind: "math" })).toEqual([[0, 2], [1, 3], [4]]);
});

describe("hostile replies", () => {
  const MEGABYTE = 1_000_000;
  const units = [
    "a",
    "1",
    " ",
    "\n",
    "(",
    "{",
    "$",
    "*",
    '"',
    "\\",
    "```\n",
    "\\boxed{",
    "answer is ",
    "Answer:",
    "<think>",
    "\n#### 1",
    `\n####${" ".repeat(MEGABYTE / 2)}1\nx`,
  ];
  const problem: Omit<Problem, "kind"> = { choices: ["cat", "dog"], concepts: ["dog"], entryPoint: "f" };

  test.each(kinds)("%s: a megabyte of anything is read within a second", (kind) => {
    for (const unit of units) {
      const start = performance.now();
      const reply = unit.repeat(MEGABYTE / unit.length);
      extract(reply, { ...problem, kind });
      expect(performance.now() - start, JSON.stringify(unit.slice(0, 20))).toBeLessThan(1000);
    }
  });

  const readerUnits = [
    "A\n",
    "A. ",
    "(A) ",
    "Option A ",
    "选A",
    "答案",
    "answer is not A ",
    "<answer>",
    '{"answer": "',
    '"</think>" ',
    "\n<think>\n",
    "<|channel|>analysis<|message|>",
    "<|im_end|>\n<|im_start|>user\n",
    "assistantfinal",
    "\nQuestion: ",
    "$5 ",
    "1\\,",
    "\\begin{cases}",
    "C is correct. ",
    "**A**",
    "\\text{",
    "⟦",
    "cat ",
    "(",
    "sqrt(",
  ];

  test.each(kinds)("%s: 40,000 characters of anything are read within 200 ms", (kind) => {
    extract("Answer: 5", { ...problem, kind });
    for (const unit of readerUnits)
      for (const end of ["", "\nAnswer: B"]) {
        const reply = unit.repeat(40_000 / unit.length) + end;
        const start = performance.now();
        extract(reply, { ...problem, kind });
        expect(performance.now() - start, JSON.stringify(unit)).toBeLessThan(200);
      }
  });
});
