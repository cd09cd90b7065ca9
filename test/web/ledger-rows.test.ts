import { expect, test } from "vitest";
import { ledgerRows } from "../../web/report/items/ledger-rows.ts";

const step = (superstep: number, tokens: number, answer: string | null, score = 0) => ({
  superstep,
  node: "solve",
  expert: null,
  answer,
  score,
  tokens,
});

test("the ledger lists steps that spent tokens or changed the answer, each from where the last one ended", () => {
  const rows = ledgerRows([
    step(1, 100, null),
    step(3, 100, null),
    step(4, 250, "B"),
    step(5, 400, "B"),
    step(6, 400, "C", 1),
  ]);
  expect(rows.map(({ step, from, tokens, became }) => [step, from, tokens, became])).toEqual([
    [1, 0, 100, null],
    [4, 100, 250, { answer: "B", score: 0 }],
    [5, 250, 400, null],
    [6, 400, 400, { answer: "C", score: 1 }],
  ]);
});
