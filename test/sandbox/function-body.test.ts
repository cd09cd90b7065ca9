import { expect, test } from "vitest";
import { functionBody } from "../../sandbox/function-body.ts";

const right = "    for x in xs:\n        if x:\n            return x\n    return None";

test.for([
  ["as it should be", right, right],
  ["at the margin", "for x in xs:\n    if x:\n        return x\nreturn None", right],
  ["its first indent lost", right.trimStart(), right],
  ["one space too deep", right.replace(/^/gm, " "), right],
  ["eight deep", right.replace(/^/gm, "    "), right],
  ["tabs", "\tfor x in xs:\n\t\tif x:\n\t\t\treturn x\n\treturn None", right],
  ["one statement", "return 1", "    return 1"],
  ["a block alone, at the margin", "if x:\n    return 1", "    if x:\n        return 1"],
  ["a block alone, its first indent lost", "if x:\n        return 1", "    if x:\n            return 1"],
  [
    "a nested function first",
    "def g(a):\n        return a\n    return g(x)",
    "    def g(a):\n        return a\n    return g(x)",
  ],
  [
    "a docstring at the margin",
    '    """Doc.\n\nMore.\n"""\n    return 1',
    '    """Doc.\n\nMore.\n"""\n    return 1',
  ],
  ["a comment at the margin", "# why\n    return 1", "    # why\n    return 1"],
  ["brackets over lines", "return [\n1,\n]", "    return [\n1,\n]"],
] as [string, string, string][])("the body of a function: %s", ([, given, body]) => {
  expect(functionBody(given)).toBe(body);
});
