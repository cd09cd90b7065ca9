import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseChange } from "../../cli/pause/parse-change.ts";
import { withPause } from "../../cli/pause/pause-option.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(board());
});
afterEach(() => server.close());

const solve = (...args: string[]) =>
  boardroom(["solve", ...args], { OPENAI_BASE_URL: server.url, BOARDROOM_MODEL: "scripted" });
const question = ["What is 6 times 7?", "--kind", "math"];

describe("solve --pause, without a terminal", () => {
  test("leaves the thread waiting, says how to go on, and --resume with an answer does", async () => {
    const first = await solve(...question, "--pause", "decision,recruit");
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toMatch(/paused {2}The CEO decided: recruit\. Shall it be done\?/);
    const [, thread = ""] = /boardroom solve --resume (\S+) --approve/.exec(first.stderr) ?? [];
    expect(server.requests).toHaveLength(1);
    const listed = await boardroom(["traces", "ls", "--json"]);
    expect(JSON.parse(listed.stdout)[0]).toMatchObject({ status: "paused", question: question[0] });

    const again = await solve("--resume", thread);
    expect(again.stderr).toContain("paused  The CEO decided: recruit");
    const wrong = await solve("--resume", thread, "--change", "rounds=many");
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^boardroom: the answer is not understood: plan: rounds: .*number/m);
    expect(server.requests).toHaveLength(1);

    const change = ["--change", "rounds=0 experts=2 direction=Be brief, please", "--by", "Eva"];
    const second = await solve("--resume", thread, ...change, "--json");
    expect(second.code, second.stderr).toBe(0);
    const waiting = JSON.parse(second.stdout);
    expect(waiting).toMatchObject({ status: "paused", pause: { at: "recruit" }, threadId: thread });
    expect(waiting.decisions[0]).toMatchObject({
      asked: { rounds: 1, experts: 3 },
      applied: { rounds: 0, experts: 2, direction: "Be brief, please" },
      changedBy: "Eva",
    });

    const said = ["--message", "Look at the units.", "--pause", "none"];
    const done = await solve("--resume", thread, ...said);
    expect(done).toMatchObject({ code: 0, stdout: "42\n" });
    expect(server.requests.filter(({ node }) => node === "ceo")).toHaveLength(2);
    expect(server.requests.at(-1)!.text).toContain("The user says: Look at the units.");
    const shown = await boardroom(["traces", "show", thread]);
    expect(shown.stdout).toContain("user says:\n");
    expect(shown.stdout).toContain("user approves the team");
  }, 180_000);

  test.each([
    [["--pause", "lunch", "x"], "Pauses are recruit, decision and spend:TOKENS"],
    [["--approve", "x"], "name it with --resume"],
    [["--resume", "t", "--approve", "--stop"], "give one of --approve, --change and --stop"],
    [["--resume", "t", "--change", "{"], "this is no JSON"],
  ])("%j is one sentence", async (args, sentence) => {
    const { code, stdout, stderr } = await solve(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });
});

test.each([
  ["recruit", { pauseRecruit: true, pauseDecision: false, pauseTokens: null }],
  ["spend:5_000, decision", { pauseRecruit: false, pauseDecision: true, pauseTokens: 5000 }],
  ["none", { pauseRecruit: false, pauseDecision: false, pauseTokens: null }],
])("--pause %s", (text, settings) => {
  const command = withPause(new Command()).parse(["--pause", text], { from: "user" });
  expect(command.opts().pause).toEqual(settings);
});

test.each([
  ["rounds=1 experts=2", { plan: { rounds: 1, experts: 2 } }],
  ['action = finish, direction="a = b"', { plan: { action: "finish", direction: "a = b" } }],
  ['{"rounds": 1}', { plan: { rounds: 1 } }],
  [
    "Ada: topology: knots; Blaise",
    {
      experts: [
        { name: "Ada", expertise: "topology: knots" },
        { name: "Blaise", expertise: "" },
      ],
    },
  ],
  ['[{"name": "Ada"}]', { experts: [{ name: "Ada" }] }],
])("--change %s", (text, change) => expect(parseChange(text)).toEqual(change));
