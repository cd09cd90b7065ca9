import { Item } from "../../benchmarks/benchmark.ts";
import { score as scoreReply } from "../../evals/scorers/index.ts";
import { sandbox } from "../../sandbox/pool.ts";

const choices = ["red giants", "white dwarfs", "neutron stars", "brown dwarfs"];
const working =
  "Let us see. We take $x^2 + 3x$ at $x = 4$, which is $16 + 12 = 28$, and go on from there.\n\n".repeat(20);
const reviewed = choices
  .map((choice, at) => `**${"ABCD"[at]}.** ${choice}: too hot for this, or too cold.`)
  .join("\n");

/** Items with the replies that are scored for each, one short and one long. */
const kinds: Record<string, { task: object; gold: object; replies: string[]; seconds: number }> = {
  math: {
    task: { kind: "math" },
    gold: { kind: "answer", answer: "\\frac{28}{3}" },
    replies: ["The answer is \\boxed{9\\frac13}.", `${working}So the final answer is $\\frac{56}{6}$.`],
    seconds: 2,
  },
  choice: {
    task: { kind: "choice", choices },
    gold: { kind: "answer", answer: "C" },
    replies: ["Answer: C", `${working}${reviewed}\n\nThus option C is the correct one.`],
    seconds: 2,
  },
  open: {
    task: { kind: "open" },
    gold: { kind: "answer", answer: "Paris" },
    replies: ["Answer: Paris", `${working}The final answer is **Paris**.`],
    seconds: 2,
  },
  concepts: {
    task: { kind: "concepts", concepts: ["dog", "run", "park", "throw", "ball"] },
    gold: { kind: "concepts" },
    replies: [
      "The dogs ran in the park after he threw a ball.",
      "A man threw balls, and dogs were running in the park. ".repeat(40),
    ],
    seconds: 2,
  },
  code: {
    task: { kind: "code", entryPoint: "twice" },
    gold: { kind: "asserts", test_imports: [], test_list: ["assert twice(2) == 4", "assert twice(0) == 0"] },
    replies: ["```python\ndef twice(x):\n    return 2 * x\n```"],
    seconds: 5,
  },
};

/** Whole replies scored per second, one after the other, for each kind of answer; code runs in the sandbox. */
export default async function score(): Promise<void> {
  const figures: Record<string, number> = {};
  for (const [kind, { task, gold, replies, seconds }] of Object.entries(kinds)) {
    const item = Item.parse({ id: kind, task: { question: "?", ...task }, gold, meta: { origin: "file" } });
    for (const reply of replies) {
      const { score, detail } = await scoreReply(item, reply);
      if (score !== 1) throw new Error(`a right reply of ${kind} scored ${score} (${detail})`);
    }
    const began = performance.now();
    let scored = 0;
    for (; performance.now() - began < seconds * 1000; scored++)
      await scoreReply(item, replies[scored % replies.length]!);
    figures[`${kind}, replies per second`] = (scored / (performance.now() - began)) * 1000;
  }
  await sandbox.close();
  console.table(
    Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(1))])),
  );
}
