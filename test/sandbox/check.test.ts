import { afterAll, describe, expect, test } from "vitest";
import { sandboxPool } from "../../sandbox/pool.ts";

const pool = sandboxPool();
const probes = await pool.probe();
afterAll(() => pool.close());

/** What crosses between the tests and the code: [candidate, statements that must all hold]. */
const crossing: Record<string, [string, string[]]> = {
  "every plain type comes back as it is": [
    "def same(x): return x",
    [
      "for x in (None, True, 1, -5, 10**40, 1.5, 2j, 'é\\ud800', b'\\x00', (1, (2,)), [1, [2]], {1, 2}, frozenset({3})):\n    assert same(x) == x and type(same(x)) is type(x)",
      "assert same({(1, 2): [3], None: {'a': 1}}) == {(1, 2): [3], None: {'a': 1}}",
      "assert same(float('inf')) > 1e308 and same(float('nan')) != same(float('nan'))",
      "assert same(True) is True and same(range(3)) == range(3)",
    ],
  ],
  "values of the standard library": [
    "from collections import *\nfrom decimal import *\nfrom fractions import *\nimport datetime\ndef counted(x): return Counter(x)\ndef day(): return datetime.date(2024, 2, 29)\ndef half(): return Fraction(1, 2)\ndef third(): return Decimal('0.3')\ndef queue(): return deque([1])\ndef point(): return namedtuple('P', 'x y')(1, 2)\ndef grouped():\n    d = defaultdict(list)\n    d[1].append(2)\n    return d\ndef keys(): return {'a': 1}.keys()",
    [
      "from collections import Counter, deque\nassert counted('aab') == {'a': 2, 'b': 1} and counted('aab').most_common(1) == [('a', 2)]",
      "import datetime\nassert day() == datetime.date(2024, 2, 29)",
      "assert half() * 2 == 1 and str(third()) == '0.3'",
      "assert queue() == deque([1]) and queue() != [1]",
      "assert point() == (1, 2) and grouped() == {1: [2]} and list(keys()) == ['a']",
    ],
  ],
  "changes made in place": [
    "def grow(x, d, s):\n    x.append(x[0])\n    x[0].append(5)\n    d['k'] = x\n    s.clear()\n    return x",
    [
      "inner = [1]\nx, d, s = [inner], {}, {1}\ny = grow(x, d, s)\nassert y is x and x[0] is inner and inner == [1, 5] and x[1] is inner\nassert d['k'] is x and s == set()",
    ],
  ],
  "functions, both ways": [
    "def twice(f, x): return f(f(x))\ndef adder(n): return lambda x: x + n\ndef apply(xs, key): return sorted(xs, key=key)",
    [
      "assert twice(lambda x: x * 3, 2) == 18",
      "assert adder(2)(3) == 5 and twice(adder(1), 0) == 2",
      "assert apply(['ccc', 'a', 'bb'], len) == ['a', 'bb', 'ccc']",
    ],
  ],
  "large numbers and constants": [
    "LIMIT = 7\ndef power(n): return 10**n",
    ["assert power(5000) == 10**5000", "assert LIMIT == 7", "assert len(str(power(50))) == 51"],
  ],
  "generators, lazily": [
    "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1\ndef pairs(a, b): return zip(a, b)\ndef total(xs): return sum(xs)",
    [
      "import itertools\nassert list(itertools.islice(count(), 4)) == [0, 1, 2, 3]",
      "assert list(pairs([1], 'a')) == [(1, 'a')] and total(x for x in (1, 2)) == 3",
      "assert count() != [0]",
    ],
  ],
  classes: [
    "class Pair:\n    def __init__(self, a, b=0): self.a, self.b = a, b\n    def __eq__(self, other): return (self.a, self.b) == (other.a, other.b)\n    def swap(self): return Pair(self.b, self.a)\n    def __len__(self): return 2\n    def __str__(self): return 'pair'\ndef first(pairs): return [p.a for p in pairs]",
    [
      "assert first([Pair(1), Pair(2, 3)]) == [1, 2]",
      "p = Pair(1, 2)\np.a = 5\nassert p.swap().b == 5 and p.swap().swap() == p and len(p) == 2 and str(p) == 'pair'",
      "assert isinstance(p, Pair) and not isinstance(5, Pair) and p != (5, 2)",
    ],
  ],
  exceptions: [
    "class Wrong(ValueError): pass\ndef divide(a, b): return a / b\ndef refuse(x): raise Wrong('no ' + x)\ndef find(d, k): return d[k]",
    [
      "try:\n    divide(1, 0)\n    assert False\nexcept ZeroDivisionError:\n    pass",
      "try:\n    refuse('x')\n    assert False\nexcept Wrong as error:\n    assert isinstance(error, ValueError) and error.args == ('no x',)",
      "try:\n    find({}, 'k')\n    assert False\nexcept KeyError:\n    pass",
    ],
  ],
  "a program of unittest": [
    "def f(x): return x + 1",
    [
      "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(1), 2)\nunittest.main()",
    ],
  ],
};

for (const { backend, usable } of probes.filter((probe) => probe.backend !== "docker"))
  describe.runIf(usable)(backend, () => {
    test.for(Object.entries(crossing))("%s", async ([, [candidate, tests]]) => {
      const outcome = await pool.check({ candidate, tests, backend });
      expect(outcome).toMatchObject({ verdict: "passed", detail: "", passed: tests.length, backend });
    });

    test("says which test failed, and what it got", async () => {
      const candidate = "print('loaded')\ndef f(x): return 10 // x";
      const tests = ["assert f(5) == 2", "assert f(2) == 4", "assert f(0) == 0"];
      const outcome = await pool.check({ candidate, tests, backend });
      expect(outcome).toMatchObject({ verdict: "failed", passed: 1, total: 3, stdout: "loaded\n" });
      expect(outcome.detail).toBe("assert f(2) == 4: AssertionError (got 5)");
      const error = await pool.check({ candidate, tests: ["assert f(0) == 0"], backend });
      expect(error.detail).toMatch(/ZeroDivisionError: .* \(line 2\)$/);
    });

    test("a failing unittest fails, and tests that touch nothing prove nothing", async () => {
      const unit =
        "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(1), 3)\nunittest.main()";
      const candidate = "def f(x): return x + 1";
      expect(await pool.check({ candidate, tests: unit, backend })).toMatchObject({ verdict: "failed" });
      const empty = await pool.check({ candidate, tests: ["assert True"], backend });
      expect(empty).toMatchObject({ verdict: "failed", detail: "the tests never called the candidate" });
    });

    test("a candidate cannot replace what the tests rely on", async () => {
      const candidate = "import math\nmath.sqrt = lambda x: 0\ndef helper(x): return 0\ndef f(x): return x";
      const setup = "def helper(x): return x";
      const tests = ["import math\nassert math.sqrt(f(4)) == 2", "assert helper(f(3)) == 3"];
      expect(await pool.check({ candidate, setup, tests, backend })).toMatchObject({ verdict: "passed" });
    });

    test("memory, deadline and output are verdicts of a check too", async () => {
      const check = (body: string) =>
        pool.check({
          candidate: `def f(x):\n    ${body}`,
          tests: ["f(1)"],
          backend,
          limits: { wallMs: 2000 },
        });
      expect(await check("return bytearray(10 * 1024**3)")).toMatchObject({ verdict: "memory", passed: 0 });
      expect(await check("while True: pass")).toMatchObject({ verdict: "timeout", passed: 0 });
      expect(await check("while True: print('x' * 1000)")).toMatchObject({ verdict: "output", passed: 0 });
    });

    test("a script gets its files and gives its output and exit status", async () => {
      const program = "import sys\nprint(open('data/a.txt').read())\nsys.exit(3)";
      const outcome = await pool.run({ program, files: { "data/a.txt": "hello" }, backend });
      expect(outcome).toMatchObject({
        verdict: "failed",
        stdout: "hello\n",
        backend,
        detail: "exit status 3",
      });
      expect(await pool.run({ program: "print(1)", backend })).toMatchObject({
        verdict: "passed",
        stdout: "1\n",
      });
    });

    test("one program leaves no trace for the next", async () => {
      await pool.run({
        program: "import builtins\nbuiltins.sum = None\nopen('/tmp/left', 'w').write('x')",
        backend,
      });
      const program = "import os\nassert sum([1]) == 1 and not os.path.exists('/tmp/left')";
      expect(await pool.run({ program, backend })).toMatchObject({ verdict: "passed" });
    });
  });
