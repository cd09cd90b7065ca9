import { z } from "zod";
import { type Kind, kinds } from "../answers/problem.ts";
import { resolveKind, type Task } from "../state/task.ts";
import { asserts } from "./asserts.ts";
import { benchmark, goldAnswer, textList } from "./benchmark.ts";

/** What stands behind GSM8K's mark: its answers hold the working as well. */
const finalAnswer = (answer: string | undefined): string | undefined =>
  answer === undefined
    ? undefined
    : (/(?:^|\n)[ \t]*####[ \t]*(\S[^\n]*?)[ \t]*\n*$/.exec(answer)?.[1] ?? answer);

/** As the row says, else by what it holds; a row whose answer is a number asks for one. */
function kindOf(row: Omit<Task, "id"> & { answer?: string | undefined }): Kind {
  const { kind } = resolveKind(row);
  const numeric = /^[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/.test((finalAnswer(row.answer) ?? "").trim());
  return kind === "open" && row.kind === undefined && numeric ? "math" : kind;
}

/**
 * Rows of one's own, each of any kind: `{"id": "1", "question": "Which is a prime?", "kind": "choice",
 * "choices": ["9", "11"], "answer": "B"}`; GSM8K's, as they are published, too. Kind `concepts` has `concepts` and kind `code` has `tests` in place of an
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
      choices: textList.refine(({ length }) => length >= 2 && length <= 26, "2 to 26 are needed").optional(),
      concepts: textList.optional(),
      tests: textList.optional(),
      entryPoint: z.string().optional(),
    })
    .transform((row) => ({ ...row, kind: kindOf(row), answer: finalAnswer(row.answer) }))
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
