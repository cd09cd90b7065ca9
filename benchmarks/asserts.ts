import { type MbppItem, testedName } from "../sandbox/programs.ts";

/** A code task whose first assert is public, since it shows the name and the arguments; all of them are scored. */
export function asserts(question: string, { test_imports, test_list }: MbppItem, named?: string) {
  const entryPoint = named ?? testedName(test_list);
  return {
    task: {
      kind: "code" as const,
      question,
      tests: [[...test_imports, test_list[0]].join("\n")],
      ...(entryPoint !== undefined && { entryPoint }),
    },
    gold: { kind: "asserts" as const, test_imports, test_list },
  };
}
