import type { Script } from "../scripted-server.ts";

const experts = [
  { name: "Mira", expertise: "Number theory: residues, orders and the Chinese remainder theorem." },
  { name: "Jonas", expertise: "Computation by hand: short sums, and checks of every step." },
  { name: "Adaeze", expertise: "Proofs: which step is assumed, and which is shown." },
];

const draft = `We want the last two digits of 7^2026, so we work modulo 100.

7^2 = 49, 7^3 = 343, which leaves 43, and 7^4 = 2401, which leaves 1. So the powers of 7 repeat every 4 steps: 7, 49, 43, 1.

2026 = 4 · 506 + 2, so 7^2026 leaves the same as 7^2, which is 49.

Answer: 49`;

const revision = `Adaeze is right that the period needs a reason. 7^4 = 2401 = 24 · 100 + 1, so 7^4 leaves 1 modulo 100, and multiplying by 7^4 changes nothing: the period divides 4. Neither 7 nor 49 leaves 1, so it is exactly 4.

2026 = 4 · 506 + 2, hence 7^2026 = (7^4)^506 · 7^2, which leaves 1 · 49 = 49.

Answer: 49`;

/**
 * A small team that works on the last two digits of 7^2026: what a CEO prompt says about haste changes its plan. "Take your
 * time." in the question makes critics speak for a minute, "Lose the connection." breaks the run off at its evaluator.
 */
export function scriptedTeam({ delayMs = 0, chunkDelayMs = 0 } = {}): Script {
  const pace = { delayMs, chunkDelayMs };
  return {
    ceo: (request, nth) => {
      const hasty = request.text.includes("Be quick.");
      const first = {
        action: "recruit",
        experts: hasty ? 1 : 3,
        format: "critique",
        rounds: hasty ? 0 : 5,
        tokensPerTurn: 600,
        assignments: [{ expert: "number theory", focus: "the order of 7 modulo 100" }],
        direction: hasty ? "" : "Show why the powers repeat, not only that they do.",
        confidence: 0.2,
        reason: hasty
          ? "One careful expert is enough."
          : "A gap in the period would go unseen with one expert.",
      };
      const judge = {
        ...first,
        action: "evaluate",
        direction: "",
        confidence: 0.8,
        reason: "All agree: one judgement is cheap.",
      };
      const finish = {
        ...first,
        action: "finish",
        direction: "",
        confidence: 0.95,
        reason: "The answer was accepted.",
      };
      return {
        ...pace,
        reasoning: "The problem is short, but a wrong period is easily believed.",
        content: [first, judge, finish][nth] ?? finish,
      };
    },
    recruit: () => ({ ...pace, content: { experts } }),
    solve: (_request, nth) => ({
      ...pace,
      reasoning: "Modulo 100 the powers of 7 are 7, 49, 43, 1, and then again. 2026 leaves 2 by 4.",
      content: nth === 0 ? draft : revision,
    }),
    critique: ({ text }, nth) => ({
      ...pace,
      ...(text.includes("Take your time.") && { chunkDelayMs: 2_000 }),
      content:
        nth === 1
          ? {
              agree: false,
              objections:
                "The draft says that the powers repeat every 4 steps but does not show that no shorter period exists, nor why 7^4 leaves 1 is enough.",
            }
          : { agree: true, objections: "" },
    }),
    evaluate: ({ text }) => ({
      ...pace,
      ...(text.includes("Lose the connection.") && {
        status: 401,
        error: { message: "the key has expired" },
      }),
      content: { accepted: true, advice: "The period is shown and the remainder of 2026 by 4 is right." },
    }),
    tests: { tests: [] },
    "*": draft,
  };
}
