import { afterAll, afterEach, expect, test } from "vitest";
import { solve as solveTask } from "../../runtime/solve.ts";
import { sandbox } from "../../sandbox/pool.ts";
import type { Task } from "../../state/task.ts";
import { type Board, board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());
afterAll(() => sandbox.close());

const double: Task = {
  question: "Write a function `double(n)` that returns twice its argument.",
  kind: "code",
  entryPoint: "double",
};
const right = "```python\ndef double(n):\n    return 2 * n\n```";
const wrong = "```python\ndef double(n):\n    return n + 2\n```";

async function run(task: Task, replies: string[], script: Board = {}, settings = {}) {
  const solve = (_: unknown, nth: number) => replies[Math.min(nth, replies.length - 1)]!;
  server = await scriptedServer({ ...board({ experts: 1, ...script }), solve });
  process.env.OPENAI_BASE_URL = server.url;
  return solveTask({ mode: "ceo", task, settings: { model: "scripted", ...settings } });
}
const nodes = () => server.requests.map(({ node }) => node);

test("public tests verify, and a verified answer ends the run without asking the CEO", async () => {
  const result = await run({ ...double, tests: ["assert double(3) == 6", "assert double(0) == 0"] }, [right]);
  expect(result).toMatchObject({ status: "solved", candidates: [{ verified: true }] });
  expect(result.decisions.at(-1)).toMatchObject({ forced: true, applied: { action: "finish" }, asked: null });
  expect(nodes()).toEqual(["ceo", "solve"]);
});

test("a failed public test is told to the CEO and to the reviser, and verifies nothing", async () => {
  const tests = ["assert double(2) == 4", "assert double(3) == 6"];
  const decisions = [{ action: "recruit" }, { action: "discuss" }, { action: "finish" }];
  const result = await run({ ...double, tests }, [wrong, right], { decisions });
  expect(result).toMatchObject({ status: "solved", candidates: [{ verified: false }, { verified: true }] });
  expect(result.answer).toContain("2 * n");
  const told = "passes 1 of 2 public tests in the sandbox (process)";
  expect(server.requests.filter(({ text }) => text.includes(told)).map(({ node }) => node)).toEqual([
    "ceo",
    "solve",
  ]);
});

test("tests that the team writes are evidence: labelled, counted, never a verification", async () => {
  const decisions = [{ action: "recruit" }, { action: "execute" }, { action: "finish" }];
  const script = { decisions, tests: { tests: ["assert double(2) == 4", "assert double(5) == 10"] } };
  const result = await run(double, [right], script);
  expect(nodes()).toEqual(["ceo", "solve", "ceo", "execute", "ceo"]);
  expect(result).toMatchObject({ status: "stopped", candidates: [{ verified: null }] });
  expect(server.requests.at(-1)?.text).toContain("passes 2 of 2 tests that the team wrote in the sandbox");
  const asked = server.requests.find(({ node }) => node === "execute");
  expect(asked?.schema).toBe("tests");
  expect(asked?.text).toContain("double(n)");
  expect(asked?.text, "the writer of tests must not see the code").not.toContain("2 * n");
});

test("without public tests nothing is run unless the CEO asks for it, and never twice for one candidate", async () => {
  const decisions = [
    { action: "recruit" },
    { action: "execute" },
    { action: "execute" },
    { action: "execute" },
  ];
  const result = await run(double, [right], { decisions, tests: { tests: ["assert double(2) == 5"] } });
  expect(nodes().filter((node) => node === "execute")).toHaveLength(1);
  expect(result.status).toBe("solved"); // the second ask for it became an evaluation, which accepted
});

test("a program that prints success, or ends the process, does not pass", async () => {
  const forged = "```python\nimport os\nprint('All tests passed')\ndef double(n):\n    os._exit(0)\n```";
  const result = await run({ ...double, tests: ["assert double(3) == 6"] }, [forged]);
  expect(result.candidates).toMatchObject([{ verified: false }]);
});

test("where the backend that was asked for is not usable nothing is run, and the run goes on", async () => {
  const result = await run(
    { ...double, tests: ["assert double(3) == 6"] },
    [right],
    {},
    { sandbox: "docker" },
  );
  expect(result).toMatchObject({ status: "stopped", candidates: [{ verified: null }] });
  expect(server.requests.at(-1)?.text).toContain("not executed: docker");
});

test("concept coverage verifies only when every word is used", async () => {
  const task: Task = { question: "One sentence.", concepts: ["dog", "run", "park"] };
  const missing = await run(task, ["The dog is in the park."]);
  expect(missing.candidates).toMatchObject([{ verified: false }]);
  expect(server.requests.at(-1)?.text).toContain("uses 2 of 3 words; missing: run");
  await server.close();
  expect(await run(task, ["The dogs were running in the park."])).toMatchObject({
    status: "solved",
    candidates: [{ verified: true }],
  });
});
