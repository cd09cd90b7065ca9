import { z } from "zod";
import { benchmark, goldAnswer } from "../benchmark.ts";

/**
 * AIME I and II of 2024, answers 0..999, some of them with leading zeros:
 * `{"id": 60, "problem": "Find the least $n$ with …", "answer": "025"}`
 *
 * HuggingFaceH4/aime_2024 is Parquet only; the reference's file holds its 30 rows as JSON Lines.
 */
export const aime2024 = benchmark({
  name: "aime2024",
  kind: "math",
  source: {
    at: {
      url: "https://raw.githubusercontent.com/jincan333/MAS-TTS/ae8f961818d47860cfbde256b72cbb5c326e6b85/data/aime2024/test.jsonl",
    },
    rows: 30,
    sha256: "101322425da70cac3f7dcc6c06594622a9f9434e4330d5f03fb5866dfc9450dd",
  },
  fields: z.object({ problem: z.string(), answer: goldAnswer }),
  item: ({ problem, answer }) => ({
    task: { kind: "math", question: problem },
    gold: { kind: "answer", answer: answer.replace(/^0+(?=\d)/, "") },
  }),
});
