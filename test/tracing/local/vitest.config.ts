import { defineConfig } from "vitest/config";

/** For the one file of `langsmith/vitest` that sdk.test.ts runs. */
export default defineConfig({ test: { include: ["test/tracing/local/*.eval.ts"], environment: "node" } });
