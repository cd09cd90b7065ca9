import * as ls from "langsmith/vitest";
import { expect } from "vitest";

/* Run by sdk.test.ts in a process of its own, against a served store. */
ls.describe("small sums", () => {
  ls.test(
    "adds",
    { inputs: { n: 1 }, referenceOutputs: { sum: 2 } },
    async ({ inputs, referenceOutputs }) => {
      ls.logOutputs({ sum: inputs.n + 1 });
      ls.logFeedback({ key: "correct", score: Number(inputs.n + 1 === referenceOutputs?.sum) });
      expect(inputs.n).toBe(1);
    },
  );
});
