import { afterAll, expect, test } from "vitest";
import { sandboxPool } from "../../sandbox/pool.ts";

const pool = sandboxPool();
const [process] = await pool.probe();
afterAll(() => pool.close());

const right = "def square(n): return n * n";
const wrong = "def square(n): return n + n + 1";

/** Tests as people word them: each passes with the right function and fails with the wrong one. */
const shapes = [
  "from collections import Counter\nassert Counter([square(3)]) == Counter({9: 1})",
  "assert Counter([square(3)]) == Counter({9: 1})",
  "from math import isclose\nassert isclose(square(3), 9.0, rel_tol=1e-9)",
  "assert math.isclose(square(3), 9)",
  "assert math.sqrt(square(3)) == 3",
  "import math as m\nassert m.isqrt(square(3)) == 3",
  "assert bytes([square(3)]) == b'\\t'",
  "assert list(reversed([square(2), square(3)])) == [9, 4]",
  "assert bin(square(2)) == '0b100'",
  "assert hasattr(square(3), 'real') and square(3) == 9",
  "for n in range(3, 5):\n    assert square(n) == n ** 2",
  "import random\nrandom.seed(0)\nfor _ in range(3):\n    n = random.randint(3, 9)\n    assert square(n) == n * n",
  "assert pow(square(2), 1) == 4",
  "assert divmod(square(3), 2) == (4, 1)",
  "def check(f):\n    assert f(3) == 9\ncheck(square)",
  "assert list(map(square, [1, 2])) == [1, 4]",
  "assert all(square(n) == n ** 2 for n in (2, 3))",
  "from functools import reduce\nassert reduce(lambda a, n: a + square(n), [2, 3], 0) == 13",
  "from itertools import accumulate\nassert list(accumulate(map(square, [1, 3]))) == [1, 10]",
  "def test_square():\n    assert square(3) == 9",
  "class TestSquare:\n    def test_three(self):\n        assert square(3) == 9",
  "if square(3) != 9:\n    raise ValueError('wrong')",
  "import sys\nif square(3) != 9:\n    sys.exit(1)",
  ...[
    "unittest.main(argv=['x'], exit=False)",
    "unittest.main()",
    "if __name__ == '__main__':\n    unittest.main()",
    "unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T))",
    "",
  ].map(
    (end) =>
      `import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(square(3), 9)\n${end}`,
  ),
  "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        for n in (2, 3):\n            with self.subTest(n=n):\n                self.assertEqual(square(n), n * n)\nunittest.main(exit=False)",
];

/** [candidate, tests that plain Python passes]. */
const passing: Record<string, [string, string]> = {
  generators: [
    "def gen(n):\n    got = 0\n    while True:\n        given = yield got\n        got += given or n",
    "assert next(gen(3)) == 0\ng = gen(1)\nnext(g)\nassert g.send(10) == 10 and next(g) == 11",
  ],
  coroutines: [
    "async def later(x): return x + 1",
    "import asyncio\nasync def main():\n    assert await asyncio.gather(later(1), later(2)) == [2, 3]\nasyncio.run(main())\nassert asyncio.run(later(1)) == 2",
  ],
  "a named tuple": [
    "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
    "assert f() == (1, 2) and f().x == 1 and f()._asdict() == {'x': 1, 'y': 2}\nassert isinstance(f(), P) and f()._replace(x=5) == P(5, 2) and repr(f()) == 'P(x=1, y=2)'",
  ],
  "a typed named tuple": [
    "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\ndef f(p): return P(p.x + 1)",
    "assert f(P(1)).x == 2 and f(P(1)) == P(2)",
  ],
  "members of an enum": [
    "from enum import Enum\nclass C(Enum):\n    A = 1\n    B = 2\ndef f(): return C.A",
    "assert f() is C.A and f().value == 1 and C(2) is C.B and {C.A: 'x'}[f()] == 'x' and [c.name for c in C] == ['A', 'B']",
  ],
  "a data class": [
    "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    x: int\ndef f(): return P(1)",
    "assert f() == P(1) and {f()} == {P(1)} and repr(f()) == 'P(x=1)'",
  ],
  "operators of a class": [
    "class V:\n    def __init__(self, x): self.x = x\n    def __add__(self, o): return V(self.x + o.x)\n    def __lt__(self, o): return self.x < o.x\n    def __eq__(self, o): return self.x == o.x\n    def __getitem__(self, k): return [1, 2, 3][k]\n    def __iter__(self): return self\n    def __next__(self):\n        if self.x == 0: raise StopIteration\n        self.x -= 1\n        return self.x",
    "assert V(1) + V(2) == V(3) and sorted([V(2), V(1)])[0].x == 1 and V(1)[1:] == [2, 3] and list(V(2)) == [1, 0]",
  ],
  "a context manager": [
    "from contextlib import contextmanager\n@contextmanager\ndef tag(n): yield n * 2",
    "with tag(2) as t:\n    assert t == 4",
  ],
  "what an exception says": [
    "class E(Exception):\n    def __init__(self, code):\n        super().__init__(f'code {code}')\n        self.code = code\ndef f(x): raise E(x)",
    "try:\n    f(3)\n    assert False\nexcept E as e:\n    assert e.code == 3 and str(e) == 'code 3'",
  ],
  "what a call prints": [
    "print('loaded')\ndef f(): print('hi')",
    "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    f()\nassert out.getvalue() == 'hi\\n'",
  ],
  "views of memory, ellipses, names and docs": [
    "def f():\n    '''Doc.'''\n    return memoryview(b'ab')\ndef g(): return ...",
    "assert bytes(f()) == b'ab' and f.__doc__ == 'Doc.' and f.__name__ == 'f' and g() is ...",
  ],
  "a name that Python has too": [
    "def product(xs):\n    r = 1\n    for x in xs: r *= x\n    return r",
    "assert product([2, 3]) == 6",
  ],
  "two such names": [
    "def gcd(a, b):\n    while b: a, b = b, a % b\n    return a\ndef lcm(a, b): return a * b // gcd(a, b)",
    "assert gcd(12, 8) == 4\nassert lcm(4, 6) == 12",
  ],
  "a class named like a module": [
    "class queue:\n    def __init__(self): self.a = []\n    def push(self, x): self.a.append(x)",
    "q = queue()\nq.push(1)\nassert q.a == [1]",
  ],
  "input at the top": ["n = int(input('n? '))\ndef f(x): return x\nprint(f(n))", "assert f(1) == 1"],
  "stdin at the top": [
    "import sys\ndata = sys.stdin.read().split()\ndef f(x): return x\nprint(f(int(data[0])))",
    "assert f(1) == 1",
  ],
};

test.runIf(process?.usable).concurrent.for(shapes)(
  "tests as people word them: %s",
  async (tests, { expect }) => {
    const check = (candidate: string) => pool.check({ candidate, tests: [tests], backend: "process" });
    expect(await check(right)).toMatchObject({ verdict: "passed", detail: "" });
    expect(await check(wrong)).toMatchObject({ verdict: "failed" });
  },
);

test.runIf(process?.usable).concurrent.for(Object.entries(passing))(
  "what plain Python passes: %s",
  async ([, [candidate, tests]], { expect }) => {
    const outcome = await pool.check({ candidate, tests: [tests], backend: "process" });
    expect(outcome).toMatchObject({ verdict: "passed", detail: "" });
  },
);

test.runIf(process?.usable)("a wrong function named like one of Python's is not replaced by it", async () => {
  const candidate = "def gcd(a, b): return 4\ndef lcm(a, b): return 12";
  const tests = ["assert gcd(12, 8) == 4", "assert lcm(4, 6) == 12", "assert gcd(3, 5) == 1"];
  expect(await pool.check({ candidate, tests, backend: "process" })).toMatchObject({
    verdict: "failed",
    passed: 2,
  });
});
