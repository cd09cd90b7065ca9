import { z } from "zod";
import { kinds } from "../answers/answer.ts";
import { resolveKind } from "../state/task.ts";
import { asserts } from "./asserts.ts";
import { benchmark, goldAnswer } from "./benchmark.ts";

/**
 * Rows of one's own, each of any kind: `{"id": "1", "question": "Which is a prime?", "kind": "choice",
 * "choices": ["9", "11"], "answer": "B"}`. Kind `concepts` has `concepts` and kind `code` has `tests` in place of an
 * answer; of the tests the first is shown to the solver and all are scored.
 */
export const own = benchmark({
  name: "own",
  kind: null,
  fields: z
    .object({
      question: z.string().trim().min(1),
      kind: z.enum(kinds).optional(),
      answer: goldAnswer.optional(),
      choices: z.array(z.string()).min(2).max(26).optional(),
      concepts: z.array(z.string()).min(1).optional(),
      tests: z.array(z.string()).min(1).optional(),
      entryPoint: z.string().optional(),
    })
    .transform((row) => ({ ...row, kind: resolveKind(row).kind }))
    .superRefine(({ kind, ...row }, context) => {
      const needed = kind === "code" ? "tests" : kind === "concepts" ? "concepts" : "answer";
      if (row[needed] === undefined)
        context.addIssue({ code: "custom", path: [needed], message: `a row of kind ${kind} needs it` });
    }),
  item: ({ kind, question, answer = "", choices, concepts, tests = [], entryPoint }) => {
    if (kind === "code") return asserts(question, { test_imports: [], test_list: tests }, entryPoint);
    return {
      task: { kind, question, ...(choices && { choices }), ...(concepts && { concepts }) },
      gold: kind === "concepts" ? { kind } : { kind: "answer", answer },
    };
  },
});
