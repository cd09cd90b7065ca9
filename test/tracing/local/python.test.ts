/**
 * LangSmith's Python SDK against the local store. The SDK comes from PyPI into a virtual environment that this test makes;
 * where that cannot be had the test says so and is skipped.
 */
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageRoot } from "../../../paths.ts";
import { handlerOf } from "../../../tracing/local/app.ts";
import { serveHandler } from "../../../tracing/local/server.ts";
import { openStore } from "../../../tracing/local/store.ts";
import { recorded } from "./recorder.ts";

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "boardroom-python-"));
const python = join(folder, "venv", "bin", "python");

test("Python's SDK makes a dataset, evaluates, lists and reads runs, and gives feedback", async (context) => {
  try {
    await execute("python3", ["-m", "venv", join(folder, "venv")]);
    await execute(python, ["-m", "pip", "install", "--quiet", "--retries", "0", "langsmith==0.15.1"]);
  } catch (error) {
    context.skip(`langsmith for Python cannot be installed here: ${(error as Error).message.split("\n")[0]}`);
  }
  const store = openStore(join(folder, "traces.db"));
  const { recording, refused } = recorded(handlerOf(store));
  const server = await serveHandler(recording, 0);
  try {
    const { stdout } = await execute(python, [join(packageRoot, "test/tracing/local/python_sdk.py")], {
      env: {
        ...process.env,
        LANGSMITH_ENDPOINT: server.url,
        LANGSMITH_API_KEY: "local",
        LANGSMITH_TRACING: "true",
      },
    });
    expect(stdout.trim().split("\n").at(-1)).toBe("done");
    expect(refused).toEqual([]);
  } finally {
    await server.close();
    store.close();
  }
}, 180_000);
