/**
 * `npm run harness:smoke [-- --model NAME] [--as boardroom-team] [--orders 4] [--python FILE]`: Inspect AI, a harness that nobody
 * here wrote, uses `boardroom serve` as a model, and its scores are compared with ours on the same replies. Without --model
 * the experts are played by a scripted server, which is right in some problems and wrong in others; `--model embedded` asks
 * the embedded model. Each problem is asked with several orders of the examples. A reply in which Inspect AI's pattern finds
 * no answer is without the form that was asked for: two scorers read it by rules of their own, so it is shown and counted
 * apart. Exit code 1 where a score differs on a reply that has the form, or fewer than 30 replies have it. Takes one to five
 * minutes, the first time some more for `pip install`; --python names one that has Inspect AI already.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { z } from "zod";
import { packageRoot } from "../../paths.ts";
import { freePort } from "../free-port.ts";
import { pythonOf } from "../python.ts";
import { board, scriptedServer } from "../scripted-server.ts";
import { done, serving } from "./cli.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    python: { type: "string" },
    as: { type: "string" },
    orders: { type: "string", default: "4" },
  },
});
const { model, python } = flags;
const as = flags.as ?? (model ? "boardroom-solo" : "boardroom-team");
/** Replies in the form that was asked for, at the least. */
const LEAST = 30;
const packages = ["inspect-ai==0.3.285", "openai==3.57.0"];
const folder = mkdtempSync(join(tmpdir(), "boardroom-harness-"));

const sums = [3, 4, 5, 6, 7, 8, 11, 14].map((n) => ({
  ...{ id: `sum-${n}`, question: `What is ${n} plus ${n + 1}?`, kind: "math" },
  answer: String(2 * n + 1),
}));
const choices = ["11", "13", "17", "19"].map((prime, i) => {
  const options = ["9", "15", "21", "33"];
  options[i] = prime;
  const answer = "ABCD"[i]!;
  return {
    id: `prime-${prime}`,
    question: "Which of these is a prime?",
    kind: "choice",
    choices: options,
    answer,
  };
});
const rows = Array.from({ length: Number(flags.orders) }, (_, order) =>
  [...sums, ...choices].map((row) => ({ ...row, id: `${row.id}.${order + 1}` })),
).flat();
const data = join(folder, "rows.jsonl");
writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

/** Right in the sums of odd numbers, without the form in those of 8, and right where the prime is the first or the last choice. */
function reply(text: string): string {
  const question = text.slice(text.lastIndexOf("Q: "));
  const sum = /What is (\d+) plus (\d+)\?/.exec(question);
  if (!sum) return `One of them is. The answer is (${/\(D\) 19/.test(question) ? "D" : "A"}).`;
  if (sum[1] === "8") return "It is 16, I think, or 17.";
  return `I add them. The answer is ${Number(sum[1]) + Number(sum[2]) + (Number(sum[1]) % 2 ? 0 : 1)}.`;
}

const Log = z.object({
  samples: z.array(
    z.object({
      id: z.string(),
      output: z.object({ completion: z.string() }),
      scores: z.record(z.string(), z.object({ value: z.enum(["C", "I"]), answer: z.string().nullish() })),
    }),
  ),
});

interface Inspected {
  response: string;
  score: number;
  /** Whether the pattern found an answer. */
  formed: boolean;
}

async function inspected(python: string, url: string): Promise<Map<string, Inspected>> {
  const logs = join(folder, "logs");
  const flags = ["--model", `openai-api/boardroom/${as}`, "--log-dir", logs, "--log-format", "json"];
  await execa(
    python,
    ["-m", "inspect_ai", "eval", "harness_task.py", ...flags, "--display", "plain", "--max-retries", "0"],
    {
      cwd: join(packageRoot, "test", "smoke"),
      env: { HARNESS_ROWS: data, BOARDROOM_BASE_URL: url, BOARDROOM_API_KEY: "the-key" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const samples = readdirSync(logs).flatMap(
    (file) => Log.parse(JSON.parse(readFileSync(join(logs, file), "utf8"))).samples,
  );
  const scored = samples.map(({ id, output, scores }) => {
    const [given] = Object.values(scores);
    const formed = typeof given?.answer === "string";
    return [id, { response: output.completion, score: given?.value === "C" ? 1 : 0, formed }] as const;
  });
  return new Map(scored);
}

const scripted = await scriptedServer({ ...board({ experts: 2 }), solve: ({ text }) => reply(text) });
process.env.BOARDROOM_HOME ??= join(folder, "home");
process.env.BOARDROOM_API_KEY = "the-key";
if (!model) process.env.OPENAI_BASE_URL = scripted.url;
const port = await freePort();
const settings = [
  ...["--max-experts", "2", "--rounds", "1", "--trace", "off"],
  ...["--temperature-solve", "0", "--max-tokens-per-turn", "64"],
];
const server = await serving(["serve", "--port", String(port), "--model", model ?? "scripted", ...settings]);
try {
  const theirs = await inspected(python ?? (await pythonOf(packages)), server.line);
  const predictions = join(folder, "predictions.jsonl");
  const lines = [...theirs].map(([id, { response }]) => `${JSON.stringify({ id, response })}\n`);
  writeFileSync(predictions, lines.join(""));
  const scores = await done(["score", "own", "--data", data, "--predictions", predictions]);
  const Score = z.object({ id: z.string(), score: z.number().nullable() });
  const ours = scores
    .trim()
    .split("\n")
    .map((line) => Score.parse(JSON.parse(line)));
  const compared = ours.map(({ id, score }) => ({ ...theirs.get(id)!, id, ours: score }));
  const count = (kept: (one: (typeof compared)[number]) => boolean) => compared.filter(kept).length;
  for (const { id, ours, score, formed, response } of compared)
    console.log(
      `${id}: ours ${ours}, Inspect AI's ${score}${formed ? "" : ", without the form"}: ${JSON.stringify(response)}`,
    );
  const formed = count(({ formed }) => formed);
  const same = count(({ formed, ours, score }) => formed && ours === score);
  const sameToo = count(({ formed, ours, score }) => !formed && ours === score);
  console.log(
    `${same} of ${formed} scores are the same on replies with the form (${count(({ score }) => score === 1)} right, say Inspect AI's); of ${compared.length - formed} without it ${sameToo} are the same`,
  );
  process.exitCode = same < formed || formed < LEAST || compared.length < rows.length ? 1 : 0;
} finally {
  await server.stop();
  await scripted.close();
}
