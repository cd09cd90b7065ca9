import { z } from "zod";
import { docstringExamples } from "../sandbox/programs.ts";
import { benchmark } from "./benchmark.ts";

/** HumanEval/47 states a wrong median, which its own solution and official tests contradict. */
const ERRATUM = "assert median([-10, 4, 6, 1000, 10, 20]) == 15.0";

/**
 * HumanEval, functions to complete: `{"task_id": "HumanEval/0", "prompt": "def f(x):\n    \"\"\" >>> f(1) …",
 * "entry_point": "f", "test": "def check(candidate): …"}`. The docstring's examples are public, the tests are not.
 */
export const humaneval = benchmark({
  name: "humaneval",
  kind: "code",
  source: {
    at: {
      url: "https://raw.githubusercontent.com/openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/HumanEval.jsonl.gz",
    },
    rows: 164,
    sha256: "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
  },
  fields: z.object({ prompt: z.string(), entry_point: z.string(), test: z.string() }),
  item: ({ prompt, entry_point, test }) => {
    const examples = docstringExamples(prompt).filter((example) => example !== ERRATUM);
    return {
      task: {
        kind: "code",
        question: `Complete this function:\n\n\`\`\`python\n${prompt.trim()}\n\`\`\``,
        entryPoint: entry_point,
        ...(examples.length > 0 && { tests: examples }),
      },
      gold: { kind: "humaneval", prompt, entry_point, test },
    };
  },
});
