/**
 * `npm run harness:smoke [-- --model NAME] [--as boardroom-solo] [--python FILE]`: Inspect AI, a harness that nobody here wrote,
 * uses `boardroom serve` as a model, and its scores are compared with ours on the same replies. Without --model the experts
 * are played by a scripted server, which is right in some problems and wrong in others; `--model embedded` asks the embedded
 * model. Takes one to three minutes, most of them for `pip install`; --python names one that has Inspect AI already. Exit
 * code 1 where one score differs: a model may leave out the form that Inspect AI asks for, where ours reads an option's text.
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

const {
  model,
  python,
  as = "boardroom-team",
} = parseArgs({
  options: { model: { type: "string" }, python: { type: "string" }, as: { type: "string" } },
}).values;
const packages = ["inspect-ai==0.3.285", "openai==3.57.0"];
const folder = mkdtempSync(join(tmpdir(), "boardroom-harness-"));

const sums = [3, 4, 5, 6, 7, 8].map((n) => ({
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
const rows = [...sums, ...choices];
const data = join(folder, "rows.jsonl");
writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

/** Right in the sums of odd numbers, and where the prime is the first or the last choice. */
function reply(text: string): string {
  const sum = /What is (\d+) plus (\d+)\?/.exec(text);
  if (sum) return `I add them.\n\nAnswer: ${Number(sum[1]) + Number(sum[2]) + (Number(sum[1]) % 2 ? 0 : 1)}`;
  const letter = /D\) 19/.test(text) ? "D" : "A";
  return `I try them one after the other.\n\nANSWER: ${letter}`;
}

const Log = z.object({
  samples: z.array(
    z.object({
      id: z.string(),
      output: z.object({ completion: z.string() }),
      scores: z.record(z.string(), z.object({ value: z.enum(["C", "I"]) })),
    }),
  ),
});

async function inspected(
  python: string,
  url: string,
): Promise<Map<string, { response: string; score: number }>> {
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
    const score = Object.values(scores)[0]?.value === "C" ? 1 : 0;
    return [id, { response: output.completion, score }] as const;
  });
  return new Map(scored);
}

const scripted = await scriptedServer({ ...board({ experts: 2 }), solve: ({ text }) => reply(text) });
process.env.BOARDROOM_HOME ??= join(folder, "home");
process.env.BOARDROOM_API_KEY = "the-key";
if (!model) process.env.OPENAI_BASE_URL = scripted.url;
const port = await freePort();
const settings = ["--max-experts", "2", "--rounds", "1", "--trace", "off"];
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
  const differing = ours.filter(({ id, score }) => score !== theirs.get(id)?.score);
  for (const { id, score } of ours)
    console.log(`${id}: ours ${score}, Inspect AI's ${theirs.get(id)?.score}`);
  console.log(`${rows.length - differing.length} of ${rows.length} scores are the same`);
  process.exitCode = differing.length > 0 || ours.length < rows.length ? 1 : 0;
} finally {
  await server.stop();
  await scripted.close();
}
