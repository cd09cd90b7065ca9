import { z } from "zod";
import { benchmark, goldAnswer } from "./benchmark.ts";

/**
 * MATH-500, competition mathematics with answers in LaTeX:
 * `{"problem": "Simplify $\\sqrt{50}$.", "solution": "…", "answer": "5\\sqrt{2}", "subject": "Algebra", "level": 1}`
 */
export const math500 = benchmark({
  name: "math500",
  kind: "math",
  source: { at: { dataset: "HuggingFaceH4/MATH-500", path: "test.jsonl" }, rows: 500 },
  fields: z.object({
    problem: z.string(),
    answer: goldAnswer,
    subject: z.string().optional(),
    /** 1..5; as MATH itself writes it, "Level 5". */
    level: z.preprocess(
      (level) => (typeof level === "string" ? /\d+/.exec(level)?.[0] : level),
      z.coerce.number().optional(),
    ),
  }),
  item: ({ problem, answer, ...meta }) => ({
    task: { kind: "math", question: problem },
    gold: { kind: "answer", answer },
    meta,
  }),
});
