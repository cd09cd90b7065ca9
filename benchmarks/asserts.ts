import type { MbppItem } from "../sandbox/programs.ts";
import { testedName } from "../sandbox/tested-name.ts";

/** A code task whose first assert is public, since it shows the name and the arguments; all of them are scored. */
export function asserts(question: string, { test_imports, test_list }: MbppItem, named?: string) {
  const entryPoint = named ?? testedName(test_list);
  const first = test_list.findIndex((test) => entryPoint && new RegExp(`\\b${entryPoint}\\b`).test(test));
  return {
    task: {
      kind: "code" as const,
      question,
      tests: [[...test_imports, ...test_list.slice(0, Math.max(0, first) + 1)].join("\n")],
      ...(entryPoint !== undefined && { entryPoint }),
    },
    gold: { kind: "asserts" as const, test_imports, test_list },
  };
}
