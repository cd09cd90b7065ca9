import { afterAll, describe, expect, test } from "vitest";
import type { Check } from "../../sandbox/outcome.ts";
import { sandboxPool } from "../../sandbox/pool.ts";
import { docstringExamples, humanEval, type MbppItem, mbpp } from "../../sandbox/programs.ts";
import { testedName } from "../../sandbox/tested-name.ts";

const pool = sandboxPool();
const probes = await pool.probe();
afterAll(() => pool.close());

const item = (
  head: string,
  entry_point: string,
  signature: string,
  doc: string,
  asserts: string[],
): Parameters<typeof humanEval>[0] => ({
  prompt: `${head}def ${entry_point}(${signature}):\n    """${doc}\n    """\n`,
  entry_point,
  test: `METADATA = {}\n\ndef check(candidate):\n${asserts.map((line) => `    assert ${line}`).join("\n")}\n`,
});

/** [item, right code, wrong code] of our own writing. */
const humanEvalItems: Record<string, [Parameters<typeof humanEval>[0], string, string]> = {
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

test.for<[string, string | undefined, ...string[]]>([
  ["what is wrapped in a built-in", "shared", "assert set(shared((1,), (2,))) == set()"],
  ["what is given to a module's function", "area", "assert math.isclose(area(1), 3)"],
  ["a built-in's name, where nothing else is called", "max", "assert max([1]) == 1"],
  ["nothing", undefined, "x = 1"],
  [
    "not what is imported",
    "letters",
    "from collections import Counter",
    "assert Counter(letters('a')) == Counter('a')",
  ],
  ["not what is put around it, imported or not", "area", "assert isclose(area(2), 12.566, rel_tol=1e-3)"],
  ["not a loop's range", "pairs", "for x in range(3):\n    assert pairs(x) == x"],
  [
    "not a module, nor what is assigned",
    "sq",
    "import random\nn = random.randint(1, 9)\nassert sq(n) == n * n",
  ],
  ["what a helper of the tests is given", "sq", "def check(f):\n    assert f(2) == 4\ncheck(sq)"],
  [
    "what a test case calls",
    "sq",
    "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(sq(2), 4)",
  ],
  ["a class", "Stack", "s = Stack()\ns.push(1)\nassert s.pop() == 1"],
  ["not a text, nor a comment", "real", "# fake(1)\nassert real('other(2)') == \"third(3)\""],
  ["not an exception", "div", "try:\n    div(1, 0)\nexcept ZeroDivisionError as e:\n    assert str(e)"],
  ["what a generator is made by", "gen", "assert next(gen(3)) == 0"],
  ["a library's name that alone is called", "gcd", "assert gcd(4, 6) == 2"],
])("the name that tests are about: %s", ([, name, ...tests]) => {
  expect(testedName(tests)).toBe(name);
});
