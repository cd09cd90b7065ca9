import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packageRoot } from "../../paths.ts";
import { checkPrompt, promptHash, promptNames, promptText, render } from "../../prompts/index.ts";

const forms = promptNames.filter((name) => name.startsWith("answer-"));

test("every prompt of the house can be rendered", () => {
  for (const name of promptNames) expect(() => checkPrompt(name), name).not.toThrow();
});

test("the text before the first section belongs to every situation", () => {
  const values = { name: "Ada", expertise: "number theory", answerForm: "End with \\boxed{...}." };
  for (const situation of ["draft", "revise", "debate"]) {
    const { common, body } = render("solve", values, { situation });
    expect(common).toBe("You are Ada, expert in number theory.");
    expect(body).toContain("\\boxed{...}");
    expect(body).not.toMatch(/^# /m);
  }
  expect(render("solve", values, { situation: "draft" }).body).not.toBe(
    render("solve", values, { situation: "debate" }).body,
  );
});

test("braces in maths and code pass through unharmed, in values and in the text of a prompt", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a question may hold
  const question = "Let f(x) = {{x}} and \\frac{1}{{2}}. {% raw %} `${a}` {{ name }} {%- if x -%} {{{y}}}";
  expect(render("task", { question }).body).toContain(question);
  const text = "\\frac{{1}}{2} and {{ error }} and {% unknown %} and {{1,2},{3}}";
  expect(render("repair", { error: "E" }, { text }).body).toBe(
    "\\frac{{1}}{2} and E and {% unknown %} and {{1,2},{3}}",
  );
  fc.assert(
    fc.property(fc.string(), (value) => {
      const text = value.trim();
      fc.pre(text !== "");
      expect(render("evaluate", { solution: `[${text}]` }).body).toContain(`[${text}]`);
    }),
  );
});

test("no prompt pleads for brevity, which works against thinking at length", () => {
  for (const name of ["task", "solve", "critique", "evaluate", "answer-now", ...forms] as const)
    expect(promptText(name), name).not.toMatch(/\b(short|brief|brevity|concise|no more than)\b/i);
});

test("a prompt that lost a hole is refused with its line", () => {
  const lost = promptText("solve").replace(/# revise([\s\S]*?)\{\{ answerForm \}\}/, "# revise$1");
  const line = lost.split("\n").indexOf("# revise") + 1;
  expect(() => checkPrompt("solve", lost)).toThrow(
    `the edited prompt "solve", line ${line}: section "revise" lost its hole {{ answerForm }}.`,
  );
});

test("a lost section, an unknown hole and a broken tag are refused with their line", () => {
  expect(() => checkPrompt("solve", promptText("solve").replace("# debate", "# debates"))).toThrow(
    'the section "# debate" is missing',
  );
  const unknown = `${promptText("critique")}\n{{ colour }}`;
  const line = unknown.split("\n").length;
  expect(() => checkPrompt("critique", unknown)).toThrow(
    `line ${line}: {{ colour }} is no hole of "critique"`,
  );
  expect(() => checkPrompt("repair", "first\n{% if error %}{{ error }}")).toThrow(/line 2: .*not closed/);
});

test("the task comes first and shows choices, words and tests only where there are any", () => {
  const choices = [
    { letter: "A", text: "one" },
    { letter: "B", text: "two" },
  ];
  expect(render("task", { question: "Q", choices }).body).toBe(
    "<problem>\nQ\n\nChoices:\nA) one\nB) two\n</problem>",
  );
  expect(render("task", { question: "Q" }).body).toBe("<problem>\nQ\n</problem>");
});

test("a hash tells texts apart, and no front matter reaches a prompt", () => {
  expect(promptHash("a")).toMatch(/^[0-9a-f]{12}$/);
  expect(promptHash("a")).not.toBe(promptHash("b"));
  for (const name of promptNames) {
    expect(promptText(name)).not.toMatch(/^---/);
    expect(readFileSync(join(packageRoot, "prompts", `${name}.md`), "utf8")).toContain(promptText(name));
  }
});
