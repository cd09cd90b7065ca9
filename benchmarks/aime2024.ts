import { z } from "zod";
import { benchmark, goldAnswer } from "./benchmark.ts";

/**
 * AIME I and II of 2024, answers 0..999, some of them with leading zeros:
 * `{"id": 60, "problem": "Find the least $n$ with …", "answer": "025"}`. Its place on the hub holds Parquet.
 */
export const aime2024 = benchmark({
  name: "aime2024",
  kind: "math",
  source: {
    at: { dataset: "HuggingFaceH4/aime_2024", path: "data/train-00000-of-00001.parquet" },
    rows: 30,
  },
  fields: z.object({ problem: z.string(), answer: goldAnswer }),
  item: ({ problem, answer }) => ({
    task: { kind: "math", question: problem },
    gold: { kind: "answer", answer: answer.replace(/^0+(?=\d)/, "") },
  }),
});
