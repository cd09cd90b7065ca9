import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { addCurate } from "../../cli/curate.ts";
import { addFinetune } from "../../cli/finetune.ts";
import { type DatasetRow, type Message, roles } from "../../datasets/curate/row.ts";
import type { Dataset } from "../../datasets/curate/source.ts";
import { counterFor } from "../../finetune/export/counter.ts";
import { exportTo } from "../../finetune/export/export.ts";
import { Manifest } from "../../finetune/export/manifest.ts";
import { targetOf } from "../../finetune/export/target.ts";
import { formatThinking } from "../../finetune/export/thinking.ts";
import { recipe } from "../../finetune/recipes/recipe.ts";
import { userCatalog } from "../../models/catalog.ts";
import { boardroom } from "../cli/boardroom.ts";
import { inProcess } from "../cli/in-process.ts";
import { m500Record } from "../datasets/curate/rows.ts";
import type { SeenRequest } from "../scripted-server.ts";
import { blank, recorded, say } from "./rows.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-export-"));
let made = 0;
const place = () => join(folder, `${++made}`);

/** Writes rows to a file of their own. */
function dataset(rows: object[]): string {
  const file = `${place()}.jsonl`;
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

const finetune = (...args: string[]) => inProcess(addFinetune, ["finetune", ...args]);

const lines = (out: string, name: string) =>
  readFileSync(join(out, name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const manifestOf = (out: string) =>
  Manifest.parse(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")));

async function exported(rows: object[], ...args: string[]) {
  const out = place();
  const ended = await finetune("export", "--data", dataset(rows), "--out", out, ...args);
  expect(ended.code, ended.stderr).toBe(0);
  const samples: { messages: Message[] }[] = [
    ...lines(out, "train.jsonl"),
    ...lines(out, "validation.jsonl"),
  ];
  return { ...ended, out, samples: samples.map(({ messages }) => messages), manifest: manifestOf(out) };
}

/** Rows that stand in no file. */
const memory = (rows: DatasetRow[]): Dataset => ({
  kind: "curated",
  name: "memory",
  file: "",
  sha256: "0",
  manifest: null,
  async *rows() {
    yield* rows;
  },
});

const user = (content: string): Message => ({ role: "user", content });
const system = (content: string): Message => ({ role: "system", content });
const assistant = (content: string): Message => ({ role: "assistant", content });

const recruits = [
  { name: "Ada", expertise: "algebra" },
  { name: "Ben", expertise: "checking" },
];
const decision = (action: string, more: object = {}) => ({
  action,
  experts: 2,
  format: "critique",
  rounds: 1,
  tokensPerTurn: 500,
  direction: "Be brief.",
  confidence: 0.5,
  reason: "so",
  ...more,
});
/** Recruiting, a draft, a criticism, a revision, a verdict and the end: every role speaks, the CEO once in a wrong form. */
const script = {
  ceo: (_: SeenRequest, nth: number) =>
    nth === 0
      ? decision("recruit")
      : nth === 1
        ? "I would like it to be judged."
        : decision(nth === 2 ? "evaluate" : "finish"),
  recruit: { experts: recruits },
  solve: (_: SeenRequest, nth: number) => (nth === 0 ? "Six sevens: \\boxed{41}" : "Rather \\boxed{42}"),
  critique: { agree: false, objections: "41 is odd." },
  evaluate: { accepted: true, advice: "" },
};

describe("prompts of training are those of inference", () => {
  let shared: Awaited<ReturnType<typeof recorded>>;
  let reference: Awaited<ReturnType<typeof recorded>>;
  beforeAll(async () => {
    writeFileSync(userCatalog(), "- { name: in-mas-tts, layout: mas-tts }\n- { name: in-shared-prefix }\n");
    shared = await recorded(script, "in-shared-prefix");
    reference = await recorded(script, "in-mas-tts");
  });
  const prompts = (requests: readonly { messages: unknown[] }[]) =>
    requests.map(({ messages }) => JSON.stringify(messages)).sort();
  /** What one more round costs depends on the number of messages: the one thing that differs between the two runs. */
  /** Prompts without the numbers that the ledger draws from how long prompts of a layout are. */
  const priceless = (texts: string[]) =>
    texts
      .map((text) =>
        text
          .replace(/One more round costs about \d+ tokens/, "")
          .replace(/(\\*"tokensPerTurn\\*": )\d+/g, "$1"),
      )
      .sort();
  /** The request that a repair followed is left out: its reply is not learned. */
  const readRequest = ({ requests }: { requests: SeenRequest[] }) => {
    const asked = requests.filter(
      ({ messages }) =>
        !requests.some(
          (other) =>
            other.messages.length > messages.length &&
            JSON.stringify(other.messages.slice(0, messages.length)) === JSON.stringify(messages),
        ),
    );
    expect(asked).toHaveLength(requests.length - 1);
    return prompts(asked);
  };
  const prompted = (samples: Message[][]) =>
    prompts(samples.map((sample) => ({ messages: sample.slice(0, -1) })));

  test("the run holds every role", () => {
    expect(new Set(shared.row.turns.map(({ role }) => role))).toEqual(
      new Set(["ceo", "recruit", "solve", "critique", "evaluate"]),
    );
    expect(shared.requests.every(({ messages }) => messages[0]?.role === "user")).toBe(true);
    expect(reference.requests.every(({ messages }) => messages[0]?.role === "system")).toBe(true);
  });

  test.each([
    ["shared-prefix as recorded", () => shared, () => shared, []],
    ["mas-tts as recorded", () => reference, () => reference, []],
    ["shared-prefix, laid out in mas-tts", () => shared, () => reference, ["--model", "in-mas-tts"]],
    ["mas-tts, laid out in shared-prefix", () => reference, () => shared, ["--model", "in-shared-prefix"]],
  ])("%s: byte-equal to what the endpoint got", async (_, from, like, args) => {
    const { samples, manifest } = await exported([from().row], ...args);
    const [got, wanted] = [prompted(samples), readRequest(like())];
    if (from() === like()) expect(got).toEqual(wanted);
    else expect(priceless(got)).toEqual(priceless(wanted));
    expect(manifest.rejects).toEqual({ repaired: 1 });
  });

  test("a prompt whose recorded parts no longer fit is kept as it was, and rejected where it would have to change", async () => {
    const row = structuredClone(shared.row);
    row.turns[0]!.parts[0] -= 3;
    expect((await exported([row])).manifest.rejects).toEqual({ repaired: 1 });
    const { manifest, out } = await exported([row], "--recipe", "m1-32b");
    expect(manifest.rejects).toEqual({ repaired: 1, parts: 1 });
    expect(lines(out, "rejects.jsonl")[0]).toMatchObject({
      role: "ceo",
      reason: "parts",
      detail: expect.stringContaining("do not fit"),
    });
  });
});

/** Three replies on each of `n` problems, one of them with thinking. */
const rows = (n: number): DatasetRow[] =>
  Array.from({ length: n }, (_, i) => {
    const row = blank(`What is ${i} plus 1?`, `row-${i}`);
    if (i % 4 === 3) row.split = "validation";
    say(
      row,
      "solve",
      [user(`${row.question} Solve it.`)],
      `<think>\nOne more.\n</think>\n\n\\boxed{${i + 1}}`,
    );
    say(row, "critique", [user(`${row.question} Criticise.`)], '{"agree":true}', { expert: "Ada" });
    return say(row, "ceo", [user(`${row.question} Decide.`)], '{"action":"finish"}');
  });

describe("finetune export", () => {
  test("writes what LLaMA-Factory reads, where each sample comes from, and the counts", async () => {
    const { out, stdout, stderr, manifest } = await exported(rows(8), "--recipe", "m1-32b");
    expect(readdirSync(out).sort()).toEqual(
      "dataset_info.json lengths.html manifest.json rejects.jsonl samples.jsonl train.jsonl validation.jsonl".split(
        " ",
      ),
    );
    expect(JSON.parse(readFileSync(join(out, "dataset_info.json"), "utf8"))).toMatchObject({
      boardroom_train: {
        file_name: "train.jsonl",
        formatting: "sharegpt",
        columns: { messages: "messages" },
        tags: {
          role_tag: "role",
          content_tag: "content",
          user_tag: "user",
          assistant_tag: "assistant",
          system_tag: "system",
        },
      },
      boardroom_validation: { file_name: "validation.jsonl" },
    });
    expect(manifest).toMatchObject({
      samples: { train: 18, validation: 6, rejected: 0 },
      validation: { problems: 2 },
      byRole: { solve: { train: 6, validation: 2 }, critique: { train: 6 }, ceo: { train: 6 } },
      form: { layout: "mas-tts", template: "qwen", reasoning: { mode: "keep", kept: 8, dropped: 0 } },
      loss: "last",
      cutoff: 32768,
      tokenizer: { exact: true },
    });
    const samples = lines(out, "samples.jsonl");
    expect(samples).toHaveLength(24);
    expect(samples[1]).toMatchObject({
      role: "critique",
      expert: "Ada",
      trace: "trace-1",
      run: "run-1",
      split: "train",
    });
    for (const { split, line, sha256 } of samples)
      expect(lines(out, `${split}.jsonl`)[line].messages.length, sha256).toBeGreaterThan(1);
    expect(stdout).toMatch(/^role +train +held out/);
    expect(stdout).toMatch(/<= 128 {2}=+\+* 24/);
    expect(stderr).toContain("18 samples to train on, 6 held out; layout mas-tts");
    expect(readFileSync(join(out, "lengths.html"), "utf8")).toContain("<svg");
  });

  test("the same rows and options give the same bytes, over an earlier export too", async () => {
    const data = dataset(rows(8));
    const again = place();
    const all = () => readdirSync(again).map((name) => readFileSync(join(again, name), "utf8"));
    const ended = await boardroom(["finetune", "export", "--data", data, "--out", again]);
    expect(ended.code, ended.stderr).toBe(0);
    const first = all();
    await finetune("export", "--data", data, "--out", again);
    expect(all()).toEqual(first);
  }, 120_000); // the command may be built first

  test("roles, thinking and another share of held-out problems are chosen", async () => {
    const { samples, manifest } = await exported(
      rows(60),
      ...["--roles", "solve", "--reasoning", "drop", "--validation", "0.3", "--seed", "5", "--json"],
    );
    expect(
      samples.every(
        ([asked, reply]) => asked!.content.endsWith("Solve it.") && !/think/.test(reply!.content),
      ),
    ).toBe(true);
    expect(manifest.form.reasoning).toMatchObject({ mode: "drop", kept: 0, dropped: 60 });
    expect(manifest.validation.problems).toBeGreaterThan(9);
    expect(manifest.validation.problems).toBeLessThan(30);
    expect(manifest.samples.train + manifest.samples.validation).toBe(60);
  });

  test("of few problems one is held out all the same, and said so", async () => {
    const { manifest, stderr } = await exported(rows(3));
    expect(manifest.validation.problems).toBe(1);
    expect(stderr).toContain("one is held out for the evaluation loss");
  });

  test("M500's lists go out unchanged, one conversation each, learned in every reply", async () => {
    const lists = {
      question: "What is 1+1?",
      solution: "2",
      expert_recruiter_messages: [
        system("Recruit."),
        user("For 1+1."),
        assistant("<think>\nwho\n</think>\n\nA mathematician"),
      ],
      problem_solver_messages: [
        system("Solve."),
        user("1+1?"),
        assistant("3"),
        user("Really?"),
        assistant("\\boxed{2}"),
      ],
      critic_messages: [
        system("Criticise."),
        user("3?"),
        assistant("No"),
        system("Criticise."),
        user("2?"),
        assistant("[Agree]"),
      ],
      evaluator_messages: [system("Judge."), user("2?"), user("Well?")],
    };
    const { samples, manifest, out } = await exported(
      [lists, { ...lists, question: "1+1 once more" }],
      "--recipe",
      "m1-32b",
    );
    expect(manifest).toMatchObject({
      loss: "all",
      dataset: { source: "m500" },
      rejects: { alternation: 2 },
      samples: { train: 4, validation: 4 },
    });
    expect(samples).toContainEqual(lists.problem_solver_messages);
    expect(samples).toContainEqual(lists.expert_recruiter_messages);
    expect(samples).toContainEqual(lists.critic_messages.slice(3));
    expect(lines(out, "rejects.jsonl")[0]).toMatchObject({ role: "evaluate", reason: "alternation" });
  });

  test("M500 that was curated is learned as M500 is: in every reply, in its own layout", async () => {
    const records = Array.from({ length: 6 }, (_, n) => m500Record(n));
    const published = join(folder, "published.json");
    writeFileSync(published, JSON.stringify(records));
    const out = place();
    const curated = await inProcess(addCurate, ["curate", "--m500", published, "--out", out]);
    expect(curated.code, curated.stderr).toBe(0);
    for (const data of [published, out, join(out, "dataset.jsonl"), join(out, "dataset.parquet")]) {
      const { code, stdout, stderr } = await finetune("plan", "--data", data, "--recipe", "m1-32b");
      expect(code, stderr).toBe(0);
      expect(stdout, data).toContain("mask_history: false\n");
    }
    const exports = [];
    for (const data of [published, out]) {
      const to = place();
      const { code, stderr } = await finetune("export", "--data", data, "--out", to, "--recipe", "m1-32b");
      expect(code, stderr).toBe(0);
      const { loss, form, samples } = manifestOf(to);
      exports.push({ loss, layout: form.layout, samples });
    }
    expect(exports[1]).toEqual(exports[0]);
    expect(exports[0]).toMatchObject({ loss: "all", layout: "mas-tts" });
  });

  test("every fault lands in its own reason", async () => {
    const row = blank();
    const ask = [user("6 times 7?")];
    say(row, "solve", ask, "\\boxed{42}");
    say(row, "solve", ask, " \n");
    say(row, "solve", ask, "<think>\nhm\n</think>\n\n");
    say(row, "solve", ask, "<think>\nhm, and so on");
    say(row, "solve", [user("Ignore that.<|im_end|>")], "42");
    say(row, "solve", [user("one"), user("two")], "42");
    say(row, "solve", [user("long ".repeat(2000))], "42");
    say(row, "critique", ask, "42", { at: 99 });
    say(row, "evaluate", [...ask, assistant("yes"), user("In JSON, please.")], '{"accepted":true}');
    const { manifest, out } = await exported([row, rows(1)[0]!], "--cutoff", "1,000", "--loss", "all");
    expect(manifest.rejects).toEqual({
      "empty target": 2,
      unfinished: 1,
      "control token": 1,
      alternation: 1,
      "too long": 1,
      place: 1,
      repair: 1,
    });
    expect(lines(out, "rejects.jsonl").find(({ reason }) => reason === "too long")).toMatchObject({
      cutoff: 1000,
      tokens: expect.any(Number),
    });
  });
});

describe("a wrong call is one sentence, and leaves nothing behind", () => {
  const other = place();
  mkdirSync(other);
  writeFileSync(join(other, "diary.txt"), "mine");
  const good = dataset(rows(2));
  const broken = dataset([{ ...blank(), turns: 3 }]);
  const silent = dataset([blank()]);
  const long = dataset([say(blank(), "solve", [user("long ".repeat(500))], "42")]);
  test.each([
    ["no dataset", ["--data", "nowhere"], 2, /there is no dataset nowhere/],
    ["a broken row", ["--data", broken], 2, /line 1: .*turns/],
    ["nothing said", ["--data", silent], 2, /holds nothing that was said by/],
    ["all rows too long", ["--data", long, "--cutoff", "100"], 2, /no sample .* is left .*too long \(1\)/],
    ["an unknown role", ["--data", good, "--roles", "solve,chef"], 2, /there is no role chef/],
    ["no roles", ["--data", good, "--roles", ""], 2, /a role is missing/],
    [
      "an unknown recipe",
      ["--data", good, "--recipe", "m1-33b"],
      2,
      /no recipe m1-33b: did you mean m1-32b\?/,
    ],
    ["a cutoff of zero", ["--data", good, "--cutoff", "0"], 2, /whole number from 1 up/],
    [
      "a cutoff beyond the context",
      ["--data", good, "--recipe", "m1-32b", "--cutoff", "40000"],
      2,
      /more than the 32768 tokens/,
    ],
    ["a share of one", ["--data", good, "--validation", "1"], 2, /a share from 0 to below 1/],
    ["another folder", ["--data", good, "--out", other], 2, /holds other files: choose another folder/],
  ])("%s", async (_, args, code, sentence) => {
    const out = place();
    const before = readdirSync(folder);
    const ended = await finetune("export", "--out", out, ...args);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
    expect([ended.code, ended.stdout]).toEqual([code, ""]);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder)).toEqual(before);
    expect(readdirSync(other)).toEqual(["diary.txt"]);
  });
});

describe("the form of a sample", () => {
  test("thinking takes the tags of the family", () => {
    const said = [user("?"), assistant("<think>\nhm\n</think>\n\n42")];
    const tags = ["<|im_start|>think", "<|im_start|>answer"] as const;
    expect(formatThinking(said, { mode: "keep", thinkTags: tags })[1]!.content).toBe(
      "<|im_start|>think\nhm\n<|im_start|>answer\n\n42",
    );
    expect(formatThinking(said, { mode: "keep", thinkTags: ["<think>", "</think>"] })).toEqual(said);
    expect(formatThinking(said, { mode: "drop", thinkTags: tags })[1]!.content).toBe("42");
  });

  test("tokens are Qwen2.5's, in its chat template with its own system message where none is given", () => {
    const { count, about } = counterFor(targetOf(recipe("m1-32b"), null));
    // 21 of the default system turn, 3 + 1 + 2 of the request, 3 of the reply's header, 1 + 2 of the reply
    expect(count([user("Hello"), assistant("Hi")], "last")).toEqual({ tokens: 33, target: 3 });
    expect(count([system("S"), user("Hello"), assistant("Hi")], "last")).toEqual({ tokens: 18, target: 3 });
    expect(count([user("Hello"), assistant("Hi"), user("Hello"), assistant("Hi")], "all").target).toBe(6);
    expect(about).toEqual({ name: "Qwen2.5", exact: true, margin: 1 });
    expect(counterFor(targetOf(null, "gpt-4o")).about).toEqual({
      name: "Qwen2.5",
      exact: false,
      margin: 1.25,
    });
  });

  test("whatever was said, a sample alternates, ends with a reply and is within the cutoff", async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60, unit: "grapheme" }),
      fc.constantFrom("42", "", "<think>\nhm\n</think>\n\n42", "<think>", "<|im_end|>", "7 ".repeat(80)),
    );
    const role = fc.constantFrom<Message["role"]>("user", "assistant", "system");
    const said = fc.array(fc.record({ role, content: text }), { maxLength: 5 });
    const spoken = fc.array(fc.tuple(said, text), { maxLength: 3 });
    const some = fc.array(fc.record({ said, spoken }), { minLength: 1, maxLength: 4 });
    const sure = say(blank("sure", "sure"), "solve", [user("Sure?")], "Yes.");
    await fc.assert(
      fc.asyncProperty(some, fc.constantFrom("last", "all"), fc.boolean(), async (made, loss, bare) => {
        // With turns as ours, or as in M500 without.
        const rows = made.map(({ said, spoken }, i) => {
          const row = { ...blank(`problem ${i}`, `row-${i}`), ...(bare && { critic_messages: said }) };
          if (!bare) for (const [prompt, reply] of spoken) say(row, "solve", prompt, reply);
          return row;
        });
        const options = {
          target: { ...targetOf(null, null), cutoff: 120 },
          roles,
          loss,
          reasoning: "keep",
        } as const;
        const out = place();
        const { manifest } = await exportTo(out, memory([sure, ...rows]), options);
        const counts = lines(out, "samples.jsonl");
        const samples = [...lines(out, "train.jsonl"), ...lines(out, "validation.jsonl")];
        expect(counts).toHaveLength(samples.length);
        expect(manifest.samples.rejected).toBe(lines(out, "rejects.jsonl").length);
        for (const { messages } of samples as { messages: Message[] }[]) {
          const turns = messages.filter(({ role }, i) => i > 0 || role !== "system").map(({ role }) => role);
          expect(turns.join()).toMatch(/^user,assistant(,user,assistant)*$/);
          expect(messages.at(-1)!.content.trim()).not.toBe("");
        }
        for (const { tokens, targetTokens } of counts) {
          expect(tokens).toBeLessThanOrEqual(120);
          expect(targetTokens).toBeGreaterThan(2);
          expect(targetTokens).toBeLessThan(tokens);
        }
      }),
      { numRuns: 60 },
    );
  });
});
