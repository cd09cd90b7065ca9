import { expect, test } from "vitest";
import { boundOf, type Prompt, prefixShares, shareOf } from "../prefix-share.ts";
import { recordedPrompts, recordings } from "../recorded-runs.ts";

const prompt = (content: string): Prompt => ({ node: "solve", messages: [{ role: "user", content }] });
const words = (n: number, word: string) => Array.from({ length: n }, (_, i) => `${word} ${i}`).join(" ");

test("full blocks of 16 tokens that a prompt begins with like an earlier one are in a seen prefix", () => {
  const long = words(200, "alpha");
  const { all: twice } = prefixShares([prompt(long), prompt(long)]);
  const half = twice!.tokens / 2;
  expect(twice!.seen).toBe(Math.floor(half / 16) * 16);
  const { all: other } = prefixShares([prompt(long), prompt(`Other ${long}`)]);
  // The chat template's own system message alone is shared.
  expect(other!.seen).toBeLessThanOrEqual(32);
  const { all: behind } = prefixShares([prompt(long), prompt(`Other\n${long}`)]);
  expect(behind!.seen).toBe(other!.seen);
  expect(boundOf(behind!)).toBeGreaterThan(shareOf(behind!) + 0.3);
});

test.each(recordings)(
  "of a recorded real run with 4 experts and 3 rounds (%s), at least four fifths of the prompt tokens lie in a seen prefix",
  async (name) => {
    const { prompts, state, settings } = await recordedPrompts(name);
    expect(state.experts).toHaveLength(4);
    expect(Math.max(...state.transcript.map(({ round }) => round))).toBe(settings.rounds);
    expect(settings.rounds).toBe(3);
    expect(shareOf(prefixShares(prompts).all!)).toBeGreaterThanOrEqual(0.8);
  },
);
