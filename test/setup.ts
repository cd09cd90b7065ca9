import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// No test may read or write the user's own data folder, keys or tracing project.
process.env.BOARDROOM_HOME = mkdtempSync(join(tmpdir(), "boardroom-test-"));
for (const name of Object.keys(process.env))
  if (/^(LANGSMITH|LANGCHAIN|OPENAI|TOGETHER|DEEPSEEK|BOARDROOM_(?!HOME))/.test(name))
    delete process.env[name];
