import { expect, test } from "vitest";
import { maxSupersteps } from "../../graphs/recursion-limit.ts";
import { board, type Scripted } from "../scripted-server.ts";
import { run } from "./scripted-run.ts";

/** The CEO that takes every step there is: each turn a team with a round, tests of its own, and a verdict. */
const tireless: Scripted = (_, nth) => ({
  ...{ experts: 2, format: "critique", rounds: 1, tokensPerTurn: 128, assignments: [], direction: "" },
  ...{ confidence: 0, reason: "" },
  action: ["recruit", "execute", "evaluate"][nth % 3],
});

test("50 turns of everything are no recursion error, and stay within the supersteps that are reckoned with", async () => {
  const settings = { maxTurns: 50, rounds: 1, budgetTokens: 5_000_000 };
  const { result } = await run(
    {
      ...board({ experts: 2, agree: false, accept: false, answer: (nth) => `def f():\n    return ${nth}` }),
      ceo: tireless,
      solve: (_, nth) => `\`\`\`python\ndef f():\n    return ${nth}\n\`\`\``,
    },
    { settings, task: { question: "Write f.", kind: "code" } },
  );
  expect(result.error).toBeUndefined();
  const turns = result.decisions.filter(({ applied }) => applied.action === "recruit");
  expect(turns).toHaveLength(50);
  expect(result.decisions.filter(({ applied }) => applied.action === "evaluate")).toHaveLength(50);
  const last = Math.max(...result.candidates.map(({ step }) => step));
  expect(last).toBeGreaterThan(500);
  expect(last).toBeLessThan(maxSupersteps({ ...settings, samples: 1 }));
}, 120_000);
