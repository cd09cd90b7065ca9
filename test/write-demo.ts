/**
 * Writes cli/demo.cassette.jsonl, what `boardroom demo` plays: `npx tsx test/write-demo.ts`. Nothing in it was said by a
 * model. The replies below are written by hand and go through the graph once; counts, checks and decisions are the code's
 * own. Needed after a change of what requests are made of (not of prompts: the recording holds its own).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

process.env.BOARDROOM_HOME = mkdtempSync(join(tmpdir(), "boardroom-demo-"));

const { Cassette } = await import("../models/cassette.ts");
const { userCatalog } = await import("../models/catalog.ts");
const { packageRoot } = await import("../paths.ts");
const { solve } = await import("../runtime/solve.ts");
const { Settings } = await import("../state/settings.ts");
const { scriptedServer } = await import("./scripted-server.ts");

const task = {
  question: "Why is the sum of two odd numbers always even? Explain it to a child in one or two sentences.",
  concepts: ["odd", "even", "pair", "leftover"],
};

const decisions = [
  {
    action: "recruit",
    ...{ experts: 3, format: "critique", rounds: 2, tokensPerTurn: 600, confidence: 0 },
    assignments: [
      { expert: "a primary school teacher", focus: "what a child can picture" },
      { expert: "a number theorist", focus: "whether each claim is true" },
      { expert: "an editor", focus: "every word of the list" },
    ],
    direction: "Picture the numbers as things in pairs.",
    reason: "Easy to state, easy to explain wrongly: one to write, two to object.",
  },
  {
    action: "discuss",
    ...{ experts: 1, format: "critique", rounds: 0, tokensPerTurn: 300, confidence: 0.8 },
    assignments: [],
    direction: 'Keep the reasoning; say "leftover", the word that the check misses.',
    reason: "The reasoning stands and one word is missing: one revision, no discussion.",
  },
];

const experts = [
  { name: "Teacher", expertise: "explaining to children" },
  { name: "Number Theorist", expertise: "parity and divisibility" },
  { name: "Editor", expertise: "clear sentences" },
];

const solutions = [
  "An odd number is one that cannot be split into equal groups. Two odd numbers together can be, so their sum is even: each pair is whole.",
  "Put the things of an odd number into pairs and one always stays alone. Two odd numbers have two such loners, and these make one more pair: so the sum is even.",
  "Put the things of an odd number into pairs and there is one leftover. Two odd numbers have two leftovers, and these make one more pair, so nobody stays alone: the sum is even.",
];

const critiques: Record<string, { agree: boolean; objections: string }[]> = {
  "Number Theorist": [
    {
      agree: false,
      objections:
        "The first sentence is false: 9 is odd and splits into three equal groups of 3. Odd means that pairs leave one over; argue from that.",
    },
    { agree: true, objections: "" },
  ],
  Editor: [
    { agree: false, objections: "That their sum is even is only asserted: nothing says why." },
    { agree: true, objections: "" },
  ],
};
const criticised = new Map<string, number>();

writeFileSync(
  userCatalog(),
  "- name: written-by-hand\n  context: 32768\n  price: { input: 2.5, output: 10 }\n  budgetTokens: 12000\n",
);
const server = await scriptedServer({
  ceo: (_, nth) => decisions[nth]!,
  recruit: { experts },
  solve: (_, nth) => solutions[nth]!,
  critique: ({ text }) => {
    const name = Object.keys(critiques).find((critic) => text.includes(`You are ${critic}`))!;
    const nth = criticised.get(name) ?? 0;
    criticised.set(name, nth + 1);
    return critiques[name]![nth]!;
  },
});
process.env.OPENAI_BASE_URL = server.url;

const file = join(packageRoot, "cli", "demo.cassette.jsonl");
rmSync(file, { force: true });
const cassette = new Cassette(file, "record");
const settings = Settings.parse({ model: "written-by-hand", maxTurns: 3, rounds: 2, seed: 1 });
const result = await cassette.around(async () => {
  cassette.describe({ mode: "ceo", task, settings, recorded: "2026-11-28", model: null });
  return solve({ mode: "ceo", task, settings });
});
await server.close();

/** A hand does not type in real time: replies take as long as a model of 40 tokens a second would. */
const paced = readFileSync(file, "utf8")
  .replaceAll(server.url, "http://127.0.0.1/v1")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .map((line) => (line.type === "reply" ? { ...line, ms: 25 * (line.reply.usage?.output ?? 40) } : line))
  .map((line) => `${JSON.stringify(line)}\n`);
writeFileSync(file, paced.join(""));
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exit(0);
