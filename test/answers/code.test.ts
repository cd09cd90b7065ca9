import { expect, test } from "vitest";
import { extract } from "../../answers/code.ts";

const double = "def double(x):\n    return 2 * x\n";
const doc = 'def double(x):\n    """Twice.\n\nArgs:\n    x: a number\n"""\n    return 2 * x\n';
const body = "    y = x + x\n    for _ in range(0):\n        y += 1\n    return y\n";

/** [how the reply is worded, the reply, the program]. */
const replies: [string, string, string][] = [
  ["a fence on one line", "```python def double(x): return 2 * x```", "def double(x): return 2 * x\n"],
  [
    "a fence on one line, no language",
    "Here: ```def double(x): return 2 * x```",
    "def double(x): return 2 * x\n",
  ],
  ["a span of code", "It is `def double(x): return 2 * x`.", "def double(x): return 2 * x\n"],
  ["code behind the opening fence", "```python def double(x):\n    return 2 * x\n```", double],
  ["code behind a fence without language", "```def double(x):\n    return 2 * x\n```", double],
  ["a closing fence behind code", "```python\ndef double(x):\n    return 2 * x```\nThat is all.", double],
  [
    "a session of the interpreter",
    "```pycon\n>>> def double(x):\n...     return 2 * x\n>>> double(2)\n4\n```",
    `${double}double(2)\n`,
  ],
  [
    "Markdown's indented block",
    `The code:\n\n${double.replace(/^/gm, "    ").trimEnd()}\n\nIt doubles.`,
    double,
  ],
  ["an indented block first", double.replace(/^/gm, "    ").trimEnd(), double],
  ["a docstring at the margin", doc, doc],
  ["a docstring at the margin, prose behind", `${doc}\nThis returns twice the number.`, doc],
  [
    "brackets over lines",
    "def double(x):\n    return [\n2 * x,\n][0]\n",
    "def double(x):\n    return [\n2 * x,\n][0]\n",
  ],
  ["a body", body, body],
  ["a body behind prose", `The body of the function is:\n\n${body}\nIt adds the number to itself.`, body],
  ["a body without its first indent", body.trimStart(), body.trimStart()],
  [
    "a body in a fence, an example behind",
    `\`\`\`python\n${body}\`\`\`\n\n\`\`\`python\nprint(double(2))\n\`\`\``,
    body,
  ],
  ["a body of one line", "return 2 * x", "return 2 * x\n"],
  [
    "a body that imports",
    "import math\n    return math.fsum([x, x])\n",
    "import math\n    return math.fsum([x, x])\n",
  ],
];

test.for(replies)("the program of a reply: %s", ([, reply, program]) => {
  expect(extract(reply, { entryPoint: "double" }).answer).toBe(program);
});

test.for([
  "I cannot write this function.",
  "Return the doubled number, for each x in the list: done.",
  "The answer is 4 (because 2 + 2 = 4).",
])("prose is no program: %s", (reply) => {
  expect(extract(reply, { entryPoint: "double" }).answer).toBeNull();
});

test.for([
  ["brackets", "([{".repeat(13_000)],
  ["quotes", '"""'.repeat(13_001)],
  ["fences", "```python x = ".repeat(3000)],
  ["assignments", `x${" ".repeat(40_000)}`],
  ["names", "a.b[".repeat(10_000)],
  ["lines", "    x = (\n".repeat(4000)],
  ["spans", "`def ".repeat(8000)],
])("a hostile text of %s is read in time", ([, text]) => {
  const started = performance.now();
  extract(text!, { entryPoint: "double" });
  expect(performance.now() - started).toBeLessThan(200);
});
