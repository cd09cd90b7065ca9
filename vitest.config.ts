import { defineConfig } from "vitest/config";
import { attacked } from "./test/attacks.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    globalSetup: ["test/temporary-folder.ts"],
    setupFiles: ["test/setup.ts"],
    reporters: ["default", "./test/attacks.ts"],
    tags: Object.entries(attacked).map(([name, description]) => ({ name, description })),
  },
});
