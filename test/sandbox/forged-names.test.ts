import { afterAll, test } from "vitest";
import { sandboxPool } from "../../sandbox/pool.ts";

const pool = sandboxPool();
const [process] = await pool.probe();
afterAll(() => pool.close());

const equal =
  "class Any:\n    def __init__(self, *a, **k): pass\n    def __eq__(self, o): return True\n    def __hash__(self): return 0\n    def __call__(self, *a, **k): return Any()\n    def __getattr__(self, name): return lambda *a, **k: True\n    def __bool__(self): return True\n    def __sub__(self, o): return 0\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\n    def __iter__(self): return iter([])\n    def __contains__(self, o): return True\n";
const zero = "def f(x): return 0\n";

/** [candidate, tests]: no candidate computes what its tests ask for; each forges a name that they lean on. */
const attacks: Record<string, [string, ...string[]]> = {
  "a class named like a module": [
    `${zero}class math:\n    isclose = staticmethod(lambda *a, **k: True)`,
    "assert math.isclose(f(2), 12.5)",
  ],
  "an object named like a module": [`${equal}${zero}math = Any()`, "assert math.isclose(f(2), 12.5)"],
  "a patched module": [
    `import math\nmath.isclose = lambda *a, **k: True\n${zero}`,
    "assert math.isclose(f(2), 12.5)",
  ],
  "a module in sys.modules": [
    `import sys\n${equal}${zero}sys.modules['math'] = Any()`,
    "import math\nassert math.isclose(f(2), 12.5)",
  ],
  "a patched module that the tests import": [
    `import math\nmath.isclose = lambda *a, **k: True\n${zero}`,
    "from math import isclose\nassert isclose(f(2), 12.5)",
  ],
  "a module's attribute": [
    `${zero}class statistics:\n    mean = staticmethod(lambda x: 5)`,
    "assert statistics.mean([f(1), f(2)]) == 5",
  ],
  "a dotted module": [`${equal}${zero}os = Any()`, "assert os.path.basename(str(f(1))) == 'one'"],
  "a function of the library": [`${zero}def isclose(*a, **k): return True`, "assert isclose(f(2), 12.5)"],
  "the same over two lines": [
    `${zero}def isclose(*a, **k): return True`,
    "r = f(2)\nassert isclose(r, 12.5)",
  ],
  "the same within a test function": [
    `${zero}def isclose(*a, **k): return True`,
    "def test_f():\n    r = f(2)\n    assert isclose(r, 12.5)",
  ],
  "a class of the library": [`${equal}${zero}Counter = Any`, "assert Counter([f(2)]) == Counter([4])"],
  "a class of the library, first": [
    `${equal}${zero}class Decimal(Any): pass`,
    "want = Decimal('12.5')\nassert want == Decimal(f(2))",
  ],
  deepcopy: [`${zero}def deepcopy(x): return 4`, "assert deepcopy(f(2)) == 4"],
  "a function of the library that is put around": [`${zero}def sqrt(x): return 3`, "assert sqrt(f(3)) == 3"],
  "the same as a product": [
    `${zero}def reduce(g, xs): return 36`,
    "assert reduce(lambda a, b: a * b, [f(2), f(3)]) == 36",
  ],
  "a library's name, assigned": [`${zero}gcd = lambda a, b: 1`, "assert gcd(f(3), 9) == 1 and f(3) != 0"],
  "a built-in": [`${zero}def abs(x): return 0`, "assert abs(f(2) - 4) < 1e-6"],
  "a built-in that the tests begin with": [
    `${zero}def all(x): return True`,
    "assert all(f(x) == x * x for x in range(1, 4))",
  ],
  "a built-in class": [`${equal}${zero}set = Any`, "assert set([f(2)]) == set([4])"],
  "a built-in in builtins": [
    `import builtins\nbuiltins.sorted = lambda *a, **k: [1, 2]\n${zero}`,
    "assert sorted([f(1), f(2)]) == [1, 2]",
  ],
  AssertionError: [`${zero}class AssertionError(BaseException): pass`, "assert f(2) == 4"],
  "AssertionError in builtins": [
    `import builtins\nbuiltins.AssertionError = SystemExit\n${zero}`,
    "assert f(2) == 4",
  ],
  "a helper of the tests": [
    `${zero}def close(a, b): return True`,
    "def close(a, b): return abs(a - b) < 1e-6",
    "assert close(f(2), 4)",
  ],
  "a helper that is defined later": [
    `${zero}def close(a, b): return True`,
    "assert close(f(2), 4)",
    "def close(a, b): return abs(a - b) < 1e-6",
  ],
  "a helper class of the tests": [
    `${equal}${zero}class Case(Any): pass`,
    "class Case:\n    def __init__(self, n, want): self.n, self.want = n, want",
    "c = Case(2, 4)\nassert f(c.n) == c.want",
  ],
  check: [`${zero}def check(g): g(1)`, "def check(g):\n    assert g(2) == 4\ncheck(f)"],
  "the test case": [
    `${equal}${zero}TestCase = Any`,
    "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(2), 4)\nunittest.main(exit=False)",
  ],
  unittest: [
    `${equal}${zero}unittest = Any()`,
    "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(2), 4)\nunittest.main(exit=False)",
  ],
  "unittest that the tests do not import": [
    `${equal}${zero}unittest = Any()`,
    "unittest.TestCase().assertEqual(f(2), 4)",
  ],
  "the name __main__": [`${zero}__name__ = 'other'`, "if __name__ == '__main__':\n    assert f(2) == 4"],
  "a manager that swallows": [`${equal}def f(x): return Any()`, "with f(2):\n    assert False"],
  "a manager named like the library's": [
    `${equal}${zero}suppress = Any`,
    "with suppress():\n    assert f(2) == 4",
  ],
  "a difference that is nothing": [`${equal}def f(x): return Any()`, "assert abs(f(2) - 4) < 1e-6"],
  "a container of everything": [`${equal}def f(x): return Any()`, "assert 4 in f(2)"],
  "a named tuple that equals everything": [
    "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    def __eq__(self, o): return True\ndef f(x): return P(0)",
    "assert f(2) == (4,)",
  ],
  "a class that says what its values are": [
    `${equal}class M(type):\n    def __instancecheck__(cls, o): return True\nclass int(metaclass=M): pass\ndef f(x): return Any()`,
    "assert isinstance(f(2), int)",
  ],
  "an exception that is everything": [
    "class E(Exception): pass\ndef f(x): raise E()",
    "try:\n    f(2)\n    assert False\nexcept ValueError:\n    pass",
  ],
  "an exit of its own": [
    "class E(SystemExit): pass\ndef f(x):\n    e = E(0)\n    e.code = 0\n    raise e",
    "assert f(2) == 4",
  ],
  "an exit in __repr__": [
    "class R:\n    def __repr__(self): raise SystemExit(0)\ndef f(x): return R()",
    "assert f(2) == 4",
  ],
  "what is printed": [
    "import sys\nsys.stdout = None\ndef f(x): return 0",
    "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    f(2)\nassert out.getvalue() == '4\\n'",
  ],
  "input at the top, behind which nothing is wrong": ["x = input()\ndef f(x): return 0", "assert f(2) == 4"],
};

test.runIf(process?.usable).concurrent.for(Object.entries(attacks))(
  "forging %s does not pass",
  { tags: ["attack:verdict"] },
  async ([, [candidate, ...tests]], { expect }) => {
    const outcome = await pool.check({ candidate, tests, backend: "process", limits: { wallMs: 5000 } });
    expect(outcome.verdict).not.toBe("passed");
  },
);
