import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { billedUsage, dearestUsage, largerUsage, usageIn } from "../../models/usage.ts";

/** What is charged for usage as it stands in a chunk, where our own count of the prompt is about right. */
function charged(usage: object, own: { input: number; output: number }) {
  const reported = usageIn({ usage });
  return billedUsage(reported && dearestUsage(reported), {
    counted: own.input,
    estimate: Math.ceil(own.input * 1.25),
    output: own.output,
    context: 32_768,
  });
}

const lie = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.double(),
  fc.constantFrom(null, undefined, "", "0", "-5", "many", {}, [], true, 0, 1, 1e300, Number.MAX_SAFE_INTEGER),
);
const honest = fc.record({
  prompt: fc.integer({ min: 1, max: 8000 }),
  said: fc.integer({ min: 1, max: 2000 }),
  thought: fc.integer({ min: 0, max: 4000 }),
  cached: fc.integer({ min: 0, max: 8000 }),
});

describe("a server that lies about usage", () => {
  test("in any one field is never charged less than its bill, and never in broken numbers", () => {
    fc.assert(
      fc.property(
        honest,
        fc.constantFrom("prompt_tokens", "completion_tokens", "total_tokens", "reasoning", "cached"),
        lie,
        ({ prompt, said, thought, cached }, field, value) => {
          const fields = {
            prompt_tokens: prompt,
            completion_tokens: said + thought,
            total_tokens: prompt + said + thought,
            reasoning: thought,
            cached: Math.min(cached, prompt),
            [field]: value,
          };
          const { reasoning, cached: read, ...usage } = fields;
          const details = {
            prompt_tokens_details: { cached_tokens: read },
            completion_tokens_details: { reasoning_tokens: reasoning },
          };
          const bill = charged({ ...usage, ...details }, { input: prompt, output: said });
          for (const count of [bill.input, bill.output, bill.reasoning, bill.cached])
            expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
          expect(bill.input + bill.output).toBeGreaterThanOrEqual(prompt + said + thought);
          expect(bill.reasoning).toBeLessThanOrEqual(bill.output);
          expect(bill.cached).toBeLessThanOrEqual(bill.input);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("in all fields is charged at least a quarter of what we count ourselves", () => {
    fc.assert(
      fc.property(fc.array(lie, { minLength: 5, maxLength: 5 }), honest, (lies, { prompt, said }) => {
        const [prompt_tokens, completion_tokens, total_tokens, reasoning_tokens, cached_tokens] = lies;
        const usage = { prompt_tokens, completion_tokens, total_tokens, reasoning_tokens, cached_tokens };
        const bill = charged(usage, { input: prompt, output: said });
        expect(bill.input).toBeGreaterThanOrEqual(prompt / 4);
        expect(bill.output).toBeGreaterThanOrEqual(said / 4);
        for (const count of Object.values(bill).filter((part) => typeof part === "number"))
          expect(Number.isFinite(count) && count >= 0).toBe(true);
      }),
    );
  });
});

it("is read under every name in use", () => {
  const details = { input: 100, output: 40, reasoning: 30, cached: 20 };
  const forms: object[] = [
    {
      usage: {
        prompt_tokens: 100,
        completion_tokens: 40,
        prompt_tokens_details: { cached_tokens: 20 },
        completion_tokens_details: { reasoning_tokens: 30 },
      },
    },
    {
      usage: { prompt_tokens: 100, completion_tokens: 40, prompt_cache_hit_tokens: 20, reasoning_tokens: 30 },
    },
    {
      x_groq: {
        usage: { prompt_tokens: 100, completion_tokens: 40, cached_tokens: 20, reasoning_tokens: 30 },
      },
    },
    { usage: { input_tokens: 80, cache_read_input_tokens: 20, output_tokens: 40, reasoning_tokens: 30 } },
    {
      usageMetadata: {
        promptTokenCount: 100,
        candidatesTokenCount: 10,
        thoughtsTokenCount: 30,
        cachedContentTokenCount: 20,
        totalTokenCount: 140,
      },
    },
  ];
  for (const form of forms) expect(dearestUsage(usageIn({ ...form })!)).toMatchObject(details);
  expect(usageIn({ usage: null })).toBeNull();
  const [first, second] = [
    usageIn({ usage: { prompt_tokens: 9 } }),
    usageIn({ usage: { completion_tokens: 3 } }),
  ];
  expect(largerUsage(first, second!)).toMatchObject({ input: 9, output: 3 });
});
