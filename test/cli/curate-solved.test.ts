import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { promptOf } from "../../datasets/curate/conversation.ts";
import { columns, type DatasetRow } from "../../datasets/curate/row.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import { packageRoot } from "../../paths.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-solved-"));
const out = join(folder, "out");
const questions = {
  ceo: "What is 6 times 7?",
  team: "What is 40 and 2 together?",
  vote: "Which number follows 41?",
};
const rows: DatasetRow[] = [];
let server: ScriptedServer;

beforeAll(async () => {
  const script = board({ agree: (round) => round > 1, rounds: 2 });
  const { solve } = script;
  server = await scriptedServer({
    ...script,
    solve: async (request, nth) => {
      const reply = typeof solve === "function" ? await solve(request, nth) : solve;
      return { content: reply, reasoning: `thought ${nth} of ${request.run}` };
    },
  });
  const env = { BOARDROOM_HOME: join(folder, "home"), OPENAI_BASE_URL: server.url };
  for (const [mode, question] of Object.entries(questions)) {
    const { code, stderr } = await boardroom(
      ["solve", question, "--kind", "math", "--mode", mode, "--model", "scripted", "--trace", "local"],
      env,
    );
    expect(code, stderr).toBe(0);
  }
  const data = join(folder, "own.jsonl");
  const items = Object.values(questions).map((question, id) => ({ id, question, kind: "math", answer: 42 }));
  writeFileSync(data, items.map((item) => JSON.stringify(item)).join("\n"));
  const args = ["--data", data, "--against", join(packageRoot, "benchmarks", "samples"), "--out", out];
  const { code, stderr } = await boardroom(["curate", ...args], env);
  expect(code, stderr).toBe(0);
  for await (const row of (await openDataset(out)).rows()) rows.push(row);
}, 180_000);
afterAll(() => server.close());

const of = (mode: string) => rows.find(({ provenance }) => provenance.mode === mode)!;

test("runs of the real graphs become rows, one each", () => {
  expect(rows.map(({ provenance: { mode } }) => mode).sort()).toEqual(["ceo", "team", "vote"]);
  for (const row of rows) {
    expect(row).toMatchObject({ solution: "42", provenance: { answer: "42", score: 1, kind: "math" } });
    expect(row.question).toBe(questions[row.provenance.mode as keyof typeof questions]);
  }
});

test("each reply stands behind the prompt that the server saw, and each call that was read is in its row", () => {
  const seen = server.requests.map(({ node, messages }) => JSON.stringify([node, messages]));
  for (const row of rows)
    for (const turn of row.turns) {
      const sample = [...promptOf(row, turn)!, row[columns[turn.role]][turn.at]!];
      expect(seen).toContain(JSON.stringify([turn.role, sample.slice(0, -1)]));
      expect(sample.at(-1)!.role).toBe("assistant");
      const { parts } = turn;
      // Parts are joined by an empty line.
      const written = parts.filter((length) => length > 0);
      const length = sample.slice(0, -1).reduce((sum, { content }) => sum + content.length, 0);
      expect(length).toBe(written.reduce((sum, part) => sum + part, 0) + 2 * (written.length - 1));
    }
  const spoken = server.requests.filter(({ status }) => status === 200).length;
  expect(rows.reduce((sum, { turns }) => sum + turns.length, 0)).toBe(spoken);
});

test("thinking stands before what a solver said, and the discussion has its turns and rounds", () => {
  const row = of("ceo");
  const solves = row.turns.filter(({ role }) => role === "solve");
  for (const { at } of solves)
    expect(row.problem_solver_messages[at]!.content).toMatch(/^<think>\nthought \d of \S+\n<\/think>\n\n\S/);
  expect(row.turns.map(({ role, round }) => [role, round])).toEqual(
    expect.arrayContaining([
      ["ceo", null],
      ["recruit", null],
      ["solve", 0],
      ["critique", 1],
      ["critique", 2],
    ]),
  );
  expect(row.turns.every(({ turn, model }) => turn >= 0 && model === "scripted")).toBe(true);
});
