import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addFinetune } from "../../cli/finetune.ts";
import { effortOf } from "../../finetune/plan/effort.ts";
import { gpuNamed, gpusAsked } from "../../finetune/plan/gpus.ts";
import { memoryOf } from "../../finetune/plan/memory.ts";
import { recipe, recipeNames } from "../../finetune/recipes/recipe.ts";
import { boardroomHome } from "../../paths.ts";
import { inProcess } from "../cli/in-process.ts";
import { blank, say } from "./rows.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-plan-"));
const finetune = (...args: string[]) => inProcess(addFinetune, ["finetune", ...args]);
const plan = (...args: string[]) => finetune("plan", ...args);

/** `n` problems with one reply each, which take 40 to 60 tokens. */
function dataset(n: number): string {
  const file = join(folder, `${n}.jsonl`);
  const rows = Array.from({ length: n }, (_, i) => {
    const row = blank(`What is ${i} plus 1?`, `row-${i}`);
    if (i % 10 === 9) row.split = "validation";
    return say(row, "solve", [{ role: "user", content: row.question }], `\\boxed{${i + 1}}`);
  });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

let hub: Server;
beforeAll(async () => {
  hub = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((done) => hub.listen(0, "127.0.0.1", done));
  vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
});
afterAll(() => {
  hub.close();
  vi.unstubAllEnvs();
});

describe("finetune plan", () => {
  test("the paper's run, estimated where M500 cannot be fetched, and nothing is touched", async () => {
    const before = existsSync(boardroomHome()) ? readdirSync(boardroomHome()) : [];
    const { code, stdout, stderr } = await plan("--data", "m500", "--recipe", "m1-32b");
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/M500 cannot be fetched .* the plan is an ESTIMATE/);
    expect(stdout).toMatch(/^data +m500: 500 rows .*ESTIMATED/m);
    expect(stdout).toMatch(/^machines +1 node with 8 A100-80GB each, local/m);
    expect(stdout).toMatch(/^memory +\d+ GiB of 80 GiB on each GPU/m);
    expect(stdout).toMatch(/^host RAM +824 GiB/m);
    expect(stdout).toMatch(/^steps +595: 1,900 samples \/ batch 16 = 119 an epoch, 5 epochs/m);
    expect(stdout).toMatch(/^cost +roughly \$\d+/m);
    expect(stdout).toMatch(/^gate +boardroom finetune gate m1-32b/m);
    for (const name of ["train.yaml", "ds_z3_offload_config.json", "run.sh", "commands"])
      expect(stdout).toContain(`--- ${name}\n`);
    expect(stdout).toContain("mask_history: false\n");
    expect(stdout).toMatch(/^\S+bin\/llamafactory-cli train train\.yaml$/m);
    expect(stdout).toContain(
      "boardroom finetune launch --data m500 --recipe m1-32b --on local --name m1-32b-sft\n",
    );
    expect(existsSync(boardroomHome()) ? readdirSync(boardroomHome()) : []).toEqual(before);
  });

  test("rows are counted, by role, and the numbers are data with --json", async () => {
    const data = dataset(40);
    const args = [
      "--data",
      data,
      "--recipe",
      "qwen2.5-7b",
      "--gpus",
      "4xH100",
      "--nodes",
      "2",
      "--on",
      "slurm",
    ];
    const text = await plan(...args);
    expect(text.stdout).toMatch(/^solve +36 +4 +0 +[\d,]+ +[\d,]+$/m);
    const { stdout } = await plan(...args, "--set", "num_train_epochs=2", "--time", "9:00:00", "--json");
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      estimated: false,
      steps: { batch: 16, perEpoch: 3, epochs: 2, total: 6 },
      gpu: { name: "H100" },
      data: { samples: { train: 36, validation: 4 }, byRole: { solve: { train: 36 } } },
    });
    expect(Object.keys(json.files)).toEqual(["train.yaml", "ds_z3_config.json", "job.sbatch"]);
    expect(json.files["train.yaml"]).toContain("num_train_epochs: 2\n");
    expect(json.files["job.sbatch"]).toContain("#SBATCH --gpus-per-node=4");
    expect(json.files["job.sbatch"]).toContain("#SBATCH --time=9:00:00");
    expect(json.effort.usd).toBeGreaterThan(0);
    const short = JSON.parse((await plan(...args, "--set", "max_steps=3", "--json")).stdout);
    expect(short.steps).toMatchObject({ epochs: 1, total: 3 });
    expect(short.effort.usd).toBeCloseTo(json.effort.usd / 2);
    const rented = await plan(...args.slice(0, -1), "skypilot", "--roles", "solve", "--set", "seed=1");
    expect(rented.stdout).toMatch(/--- sky\.yaml\n[\s\S]*accelerators: H100:4\n[\s\S]*llamafactory==0\.9\.5/);
    expect(rented.stdout).toContain(
      `boardroom finetune launch --data ${data} --recipe qwen2.5-7b --on skypilot --name qwen2.5-7b-sft --nodes 2 --gpus 4xH100 --set seed=1 --roles solve\n`,
    );
  });

  test("an export is planned as it is, and an option that would change it is refused", async () => {
    const out = join(folder, "export");
    await finetune("export", "--data", dataset(20), "--recipe", "m1-32b", "--out", out);
    const { code, stdout, stderr } = await plan("--data", out, "--recipe", "m1-32b");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/18 samples to train on, 2 held out/);
    const idle = await plan("--data", out, "--recipe", "m1-32b", "--roles", "solve");
    expect([idle.code, idle.stderr]).toEqual([2, expect.stringMatching(/--roles comes too late/)]);
    const other = await plan("--data", out, "--recipe", "cpu-smoke");
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/exported for template qwen/)]);
  });

  test("the CPU recipe is planned on this machine", async () => {
    const { stdout, stderr } = await plan("--data", dataset(20), "--recipe", "cpu-smoke");
    expect(stdout).toMatch(/^machines +the CPU of this machine/m);
    expect(stdout).not.toMatch(/^(cost|host RAM)/m);
    expect(stderr).toMatch(/the target's own tokenizer is not here/);
  });

  test("what cannot fit is refused in one sentence, and each way out that it names fits", async () => {
    const args = ["--data", "m500", "--recipe", "m1-32b", "--set", "deepspeed=ds_z3_config.json"];
    const { code, stdout, stderr } = await plan(...args);
    expect([code, stdout]).toEqual([1, ""]);
    const sentence = stderr.split("\n").find((line) => line.startsWith("boardroom: "))!;
    expect(sentence).toMatch(
      /recipe m1-32b does not fit: a sample of 15,152 tokens needs \d+ GiB on each of 8 A100-80GB/,
    );
    const ways = sentence.split("what would fit: ")[1]!.split("; ");
    expect(ways.length).toBeGreaterThan(2);
    for (const way of ways) {
      const options = way.match(/--(?:set|nodes|cutoff) [\w.=]+/g)!.flatMap((option) => option.split(" "));
      const again = await plan(...args, ...options);
      expect(again.code, way + again.stderr).toBe(0);
    }
    const small = await plan("--data", "m500", "--recipe", "m1-32b", "--gpus", "1xL4");
    expect([small.code, small.stderr]).toEqual([1, expect.stringMatching(/1 L4, which have 24 GiB; /)]);
  });

  test.each([
    ["no GPUs", ["--gpus", "0xA100-80GB"], /--gpus 0 is none/],
    ["GPUs that are not understood", ["--gpus", "many"], /--gpus takes a number and a kind/],
    ["a GPU that is not known", ["--gpus", "8xH800"], /no GPU H800 is known: did you mean H100\?/],
    ["no nodes", ["--nodes", "0"], /at least one node/],
    ["an unknown place", ["--on", "moon"], /Allowed choices are local, slurm, skypilot/],
    ["an unknown argument", ["--set", "epochs=5"], /no argument epochs: did you mean/],
    [
      "rows longer than the model reads",
      ["--set", "cutoff_len=50000"],
      /cutoff_len 50000 is more than the 32768 tokens/,
    ],
    ["an unknown recipe", ["--recipe", "m1"], /no recipe m1: did you mean m1-32b\?/],
    ["no dataset", ["--data", "nowhere"], /there is no dataset nowhere/],
    ["GPUs for the CPU", ["--recipe", "cpu-smoke", "--gpus", "2"], /trains on the CPU: leave --gpus out/],
  ])("%s: one sentence", async (_, args, sentence) => {
    const { code, stdout, stderr } = await plan("--data", dataset(20), "--recipe", "m1-32b", ...args);
    expect(stderr).toMatch(sentence);
    expect([code, stdout]).toEqual([2, ""]);
  });
});

describe("the formulas", () => {
  const eight = { nodes: 1, gpus: 8 };

  test("16 bytes a parameter, divided by ZeRO-3", () => {
    const { weights, gradients, optimizer } = memoryOf(
      recipe("m1-32b", ["deepspeed=ds_z3_config.json"]),
      eight,
      1024,
    );
    expect((weights + gradients + optimizer) * 8).toBeCloseTo(16 * 32_763_876_352, -3);
    const undivided = memoryOf(recipe("m1-32b", ["deepspeed=null"]), eight, 1024);
    expect(undivided.weights + undivided.gradients + undivided.optimizer).toBe(16 * 32_763_876_352);
  });

  test("offloading moves them to the host: 18 bytes a parameter, times 1.5", () => {
    const { weights, gradients, optimizer, host } = memoryOf(recipe("m1-32b"), { nodes: 2, gpus: 8 }, 1024);
    expect([weights, gradients, optimizer]).toEqual([0, 0, 0]);
    expect(host).toBeCloseTo((1.5 * 18 * 32_763_876_352) / 2, -3);
  });

  test("LoRA of rank 8 on Qwen2.5-7B trains the 20,185,088 parameters that PEFT reports", () => {
    const { gradients } = memoryOf(
      recipe("qwen2.5-7b", ["finetuning_type=lora", "lora_rank=8"]),
      { nodes: 1, gpus: 1 },
      1024,
    );
    expect(gradients).toBe(2 * 20_185_088);
  });

  test("logits of 32,768 tokens are 46 GiB, and none with Liger's kernel", () => {
    expect(memoryOf(recipe("m1-32b"), eight, 32_768).logits / 2 ** 30).toBeCloseTo(46.4, 1);
    expect(memoryOf(recipe("m1-32b", ["enable_liger_kernel=true"]), eight, 32_768).logits).toBe(0);
  });

  test("time is operations by what the machines do", () => {
    const h100 = gpuNamed("H100");
    const one = effortOf(recipe("qwen2.5-7b"), eight, { train: 1e6, validation: 0 }, { gpu: h100, cores: 2 });
    expect(one.flops).toBe(8 * 7_615_616_512 * 1e6 * 3);
    expect(one.hours).toBeCloseTo(one.flops / (8 * 989e12 * 0.35) / 3600, 9);
    expect(one.usd).toBeCloseTo(one.hours * 8 * h100.usd, 9);
  });

  test("more GPUs never need more memory each, and a longer sample never less", () => {
    const some = fc.record({
      of: fc.constantFrom(...recipeNames().map((name) => recipe(name))),
      gpus: fc.integer({ min: 1, max: 16 }),
      tokens: fc.integer({ min: 1, max: 32_768 }),
    });
    fc.assert(
      fc.property(some, ({ of, gpus, tokens }) => {
        const total = (count: number, length: number) =>
          memoryOf(of, { nodes: 1, gpus: count }, length).total;
        expect(total(gpus * 2, tokens)).toBeLessThanOrEqual(total(gpus, tokens));
        expect(total(gpus, tokens + 1)).toBeGreaterThanOrEqual(total(gpus, tokens));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["8xA100-80GB", { gpus: 8, gpu: "A100-80GB" }],
    ["4xH100", { gpus: 4, gpu: "H100" }],
    ["4 x h100-80gb", { gpus: 4, gpu: "H100" }],
    ["2", { gpus: 2 }],
  ])("--gpus %s", (text, asked) => {
    expect(gpusAsked(text)).toEqual(asked);
  });
});
