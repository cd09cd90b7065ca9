import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageRoot } from "../../paths.ts";
import { pythonWith } from "../python.ts";
import { board } from "../scripted-server.ts";
import { question, servedTeam, until } from "./served-team.ts";

const execute = promisify(execFile);

test("OpenAI's client for Python is served as by OpenAI", async (context) => {
  const python = await pythonWith(["openai==3.57.0"], context);
  const team = await servedTeam(
    {
      ...board({ experts: 2 }),
      solve: ({ text }) => (text.includes("Please hang") ? { hang: true } : "Answer: 42"),
    },
    { key: "the-key" },
  );
  const program = join(packageRoot, "test", "serve", "python_client.py");
  const { stdout } = await execute(python, [program, team.url, "the-key", question]);
  expect(stdout.trim()).toBe("done");
  await until(() => team.model.inFlight === 0);
  expect(team.model.requests.filter(({ aborted }) => aborted).map(({ text }) => text)).toEqual([
    expect.stringContaining("Please hang"),
  ]);
}, 180_000);
