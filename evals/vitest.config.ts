import { defineConfig } from "vitest/config";

/** `npm run evals`: the regression suite of single nodes. */
export default defineConfig({
  test: { include: ["evals/**/*.eval.ts"], environment: "node", testTimeout: 300_000, maxWorkers: 1 },
});
