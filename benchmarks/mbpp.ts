import { z } from "zod";
import { asserts } from "./asserts.ts";
import { benchmark, textList } from "./benchmark.ts";

/**
 * MBPP-sanitized, its test split: `{"task_id": 11, "prompt": "Write a function to …", "test_imports": [],
 * "test_list": ["assert f(1) == 2", …]}`. As in the reference, the first assert is shown and all are scored.
 */
export const mbpp = benchmark({
  name: "mbpp",
  kind: "code",
  source: {
    at: {
      url: "https://raw.githubusercontent.com/google-research/google-research/30adf0ec5f35f9609c2f1d896005e184195d9146/mbpp/sanitized-mbpp.json",
    },
    rows: 427,
  },
  belongs: ({ task_id }) => Number(task_id) >= 11 && Number(task_id) <= 510,
  fields: z.object({
    task_id: z.union([z.number(), z.string()]).optional(),
    prompt: z.string(),
    test_imports: textList.default([]),
    test_list: textList.refine((tests) => tests.length > 0),
  }),
  item: ({ prompt, test_imports, test_list }) => asserts(prompt, { test_imports, test_list }),
});
