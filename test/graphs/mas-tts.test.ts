import { afterEach, expect, test } from "vitest";
import { solve } from "../../runtime/solve.ts";
import { presets } from "../../state/settings.ts";
import { type Board, board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

async function reference(script: Board) {
  server = await scriptedServer(board(script));
  process.env.OPENAI_BASE_URL = server.url;
  const settings = { ...presets["mas-tts"], model: "scripted" };
  return solve({ mode: "ceo", task: { question: "What is 6 times 7?", kind: "math" }, settings });
}
const count = (node: string) => server.requests.filter((request) => request.node === node).length;
const answer = (nth: number) => String(nth);

test("3 then 4 experts without consensus are the reference's 29 calls, in its order", async () => {
  const decisions = [
    { action: "recruit", experts: 3 },
    { action: "recruit", experts: 4 },
  ];
  const result = await reference({ decisions, agree: false, accept: false, answer });
  expect(server.requests).toHaveLength(29);
  const nodes = ["ceo", "recruit", "solve", "critique", "evaluate"];
  expect(Object.fromEntries(nodes.map((node) => [node, count(node)]))).toEqual({
    ceo: 2,
    recruit: 2,
    solve: 8,
    critique: 15,
    evaluate: 2,
  });
  const turn = (experts: number) => [
    ...["ceo", "recruit", "solve"],
    ...Array.from({ length: 3 }, () => [...Array(experts - 1).fill("critique"), "solve"]).flat(),
    "evaluate",
  ];
  expect(server.requests.map(({ node }) => node)).toEqual([...turn(3), ...turn(4)]);
  // The last plan is the answer, whatever the others say.
  expect(result.answer).toBe("7");
});

test("the evaluator's accept ends the run, and the critics' agreement a discussion", async () => {
  const result = await reference({
    decisions: [{ action: "discuss", experts: 3 }],
    agree: true,
    accept: true,
  });
  expect(server.requests.map(({ node }) => node)).toEqual([
    "ceo",
    "recruit",
    "solve",
    "critique",
    "critique",
    "evaluate",
  ]);
  expect(result.status).toBe("solved");
});

test("a CEO that says finish is obeyed here too", async () => {
  const decisions = [{ action: "recruit", experts: 2 }, { action: "finish" }];
  const result = await reference({ decisions, agree: true, accept: false });
  expect(count("evaluate")).toBe(1);
  expect(result.status).toBe("stopped");
});
