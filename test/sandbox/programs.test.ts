import { afterAll, describe, expect, test } from "vitest";
import type { Check } from "../../sandbox/outcome.ts";
import { sandboxPool } from "../../sandbox/pool.ts";
import {
  codeOf,
  docstringExamples,
  type HumanEvalItem,
  humanEval,
  humanEvalPublic,
  type MbppItem,
  mbpp,
  mbppPublic,
  testedName,
} from "../../sandbox/programs.ts";

const pool = sandboxPool();
const probes = await pool.probe();
afterAll(() => pool.close());

const item = (
  head: string,
  entry_point: string,
  signature: string,
  doc: string,
  asserts: string[],
): HumanEvalItem => ({
  prompt: `${head}def ${entry_point}(${signature}):\n    """${doc}\n    """\n`,
  entry_point,
  test: `METADATA = {}\n\ndef check(candidate):\n${asserts.map((line) => `    assert ${line}`).join("\n")}\n`,
});

/** [item, right code, wrong code] of our own writing. */
const humanEvalItems: Record<string, [HumanEvalItem, string, string]> = {
  "a body completes the prompt": [
    item("", "double", "x", " Twice x.\n    >>> double(2)\n    4", [
      "candidate(3) == 6",
      "candidate(-1) == -2",
    ]),
    "    return 2 * x\n",
    "    return x * x\n",
  ],
  "a function gets the imports of the prompt": [
    item("from typing import List\nimport math\n\n\n", "norm", "x: List[float]", " Length.", [
      "abs(candidate([3.0, 4.0]) - 5) < 1e-6",
    ]),
    "def norm(x: List[float]) -> float:\n    return math.hypot(*x)",
    "def norm(x: List[float]) -> float:\n    return sum(x)",
  ],
  "a helper of the prompt is there, and the tests keep theirs": [
    item("def shift(s):\n    return s[1:] + s[:1]\n\n\n", "unshift", "s", " Undoes shift.", [
      "candidate(shift('abc')) == 'abc'",
    ]),
    "def unshift(s):\n    return s[-1:] + s[:-1]",
    "def shift(s):\n    return s\n\ndef unshift(s):\n    return s",
  ],
  "helpers may follow, and __future__ comes first": [
    item("from typing import List\n\n\n", "total", "xs: List[int]", " Sum.", [
      "candidate([1, 2]) == 3",
      "candidate([]) == 0",
    ]),
    "from __future__ import annotations\n\ndef total(xs: List[int]) -> int:\n    return add_all(xs)\n\ndef add_all(xs):\n    return sum(xs)",
    "def total(xs):\n    return add_all(xs)\n\ndef add_all(xs):\n    return sum(xs[1:])",
  ],
};
const mbppItems: Record<string, [MbppItem, string, string]> = {
  "sets of a result": [
    {
      test_imports: [],
      test_list: ["assert set(shared((1, 2), (2, 3))) == set((2,))", "assert set(shared((1,), ())) == set()"],
    },
    "def shared(a, b):\n    return tuple(set(a) & set(b))",
    "def shared(a, b):\n    return tuple(set(a) | set(b))",
  ],
  "its imports are there for both": [
    {
      test_imports: ["import math"],
      test_list: ["assert math.isclose(area(1), math.pi)", "assert area(0) == 0"],
    },
    "def area(r):\n    return math.pi * r * r",
    "def area(r):\n    return 2 * math.pi * r",
  ],
  "a class of the answer": [
    { test_imports: [], test_list: ["assert widest([Span(1, 5), Span(2, 3)]) == 4"] },
    "class Span:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n\ndef widest(spans):\n    return max(s.b - s.a for s in spans)",
    "class Span:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n\ndef widest(spans):\n    return min(s.b - s.a for s in spans)",
  ],
  "changes in place": [
    { test_imports: [], test_list: ["x = [3, 1]\norder(x)\nassert x == [1, 3]", "assert order([]) is None"] },
    "def order(x):\n    x.sort()",
    "def order(x):\n    x = sorted(x)",
  ],
};
const all: [string, (code: string) => Check, string, string][] = [
  ...Object.entries(humanEvalItems).map(
    ([name, [row, right, wrong]]) =>
      [name, (code: string) => humanEval(row, code), right, wrong] as (typeof all)[0],
  ),
  ...Object.entries(mbppItems).map(
    ([name, [row, right, wrong]]) =>
      [name, (code: string) => mbpp(row, code), right, wrong] as (typeof all)[0],
  ),
];

for (const { backend, usable } of probes.filter((probe) => probe.backend !== "docker"))
  describe.runIf(usable)(backend, () => {
    test.for(all)("%s", async ([, check, right, wrong]) => {
      expect(await pool.check({ ...check(right), backend })).toMatchObject({ verdict: "passed", detail: "" });
      expect(await pool.check({ ...check(wrong), backend })).toMatchObject({ verdict: "failed" });
    });
  });

test("what a solver may see is less than what scores", () => {
  const [row] = humanEvalItems["a body completes the prompt"] as [HumanEvalItem, string, string];
  expect(humanEvalPublic(row, "    return 4\n").tests).toEqual(["assert double(2) == 4"]);
  const [many] = mbppItems["sets of a result"] as [MbppItem, string, string];
  expect(mbppPublic(many, "").tests).toEqual(many.test_list.slice(0, 1));
});

test("docstring examples: calls with a literal below; others are left out", () => {
  const doc = `
    >>> f([1, 2], "a")
    [1, (2, 'x')]
    >>> f(3)
    -1.5
    >>> f(4)
    something else
    >>> x = f(5)
    >>> f(6)
    None
    """`;
  expect(docstringExamples(doc)).toEqual([
    `assert f([1, 2], "a") == [1, (2, 'x')]`,
    "assert f(3) == -1.5",
    "assert f(6) == None",
  ]);
});

describe("the code of a reply", () => {
  const fence = (...codes: string[]) =>
    codes.map((code) => `Text.\n\`\`\`python\n${code}\n\`\`\`\n`).join("\n");
  const f = "def f(x):\n    return g(x)";
  const g = "def g(x):\n    return x";

  test.for<[string, string, string]>([
    ["no fence: all of it", "    return 1", "    return 1"],
    ["one block", fence(f), `${f}\n`],
    ["helpers before and after the target are joined", fence(g, f), `${g}\n\n${f}\n`],
    ["in their order", fence(f, g), `${f}\n\n${g}\n`],
    ["a later version replaces an earlier one", fence("def f(x):\n    return 0", f), `${f}\n`],
    ["examples of use are left out", fence(f, "print(f(1))"), `${f}\n`],
    ["an unfinished fence counts", `So:\n\`\`\`python\n${f}`, f],
  ])("%s", ([, reply, code]) => {
    expect(codeOf(reply, "f")).toBe(code);
  });
});

test("the name that asserts test", () => {
  expect(testedName(["assert set(shared((1,), (2,))) == set()"])).toBe("shared");
  expect(testedName(["assert math.isclose(area(1), 3)"])).toBe("area");
  expect(testedName(["assert max([1]) == 1"])).toBe("max");
  expect(testedName(["x = 1"])).toBeUndefined();
});
