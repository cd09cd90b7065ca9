import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesOf, packagesFor, type Run, trainYaml } from "../../finetune/files.ts";
import { trainerArguments } from "../../finetune/recipes/arguments.ts";
import { deepspeedText, shardingOf } from "../../finetune/recipes/deepspeed.ts";
import { recipe, recipeNames } from "../../finetune/recipes/recipe.ts";

const zero = { total: 1000, median: 300, p95: 400, max: 500 };
const exported = (name: string, changed: Partial<Run["data"]> = {}): Run["data"] => ({
  form: {
    layout: "mas-tts",
    system: true,
    template: recipe(name).train.template,
    defaultSystem: recipe(name).base.system,
    reasoning: { mode: "keep", thinkTags: ["<think>", "</think>"], kept: 1, dropped: 0 },
  },
  loss: "last",
  lengths: { train: zero, target: zero },
  samples: { train: 12, validation: 2, rejected: 0 },
  ...changed,
});

const run = (name: string, set: string[] = [], data = exported(name)): Run => ({
  name: "first",
  recipe: recipe(name, set),
  data,
  deepspeed: name.startsWith("m1") ? deepspeedText("ds_z3_offload_config.json") : null,
});
const started = { "run.sh": "true\n" };

describe("the recipes that come with Boardroom", () => {
  test.each(recipeNames())("%s is whole, and every argument is one of the trainer's", (name) => {
    const { train, base } = recipe(name);
    expect(Object.keys(train).filter((key) => !trainerArguments().includes(key))).toEqual([]);
    expect(train).toMatchObject({ report_to: "none" });
    expect(train).not.toHaveProperty("push_to_hub");
    expect(train.cutoff_len).toBeLessThanOrEqual(base.context);
    if (train.deepspeed) expect(shardingOf(train.deepspeed).stage).toBe(3);
  });

  test("m1-32b has the paper's numbers", () => {
    const { base, train, tuned } = recipe("m1-32b");
    expect(base.model).toBe("Qwen/Qwen2.5-32B-Instruct");
    expect(tuned).toMatchObject({ layout: "mas-tts", reasoning: "think" });
    expect(train).toMatchObject({
      finetuning_type: "full",
      template: "qwen",
      cutoff_len: 32768,
      num_train_epochs: 5,
      learning_rate: 1e-5,
      lr_scheduler_type: "cosine",
      warmup_ratio: 0.05,
      weight_decay: 1e-4,
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: 2,
      bf16: true,
    });
    expect(shardingOf(train.deepspeed)).toEqual({ stage: 3, offloadOptimizer: true, offloadWeights: true });
  });
});

describe("overrides", () => {
  test("are typed as YAML types them, and 1e-5 is a number", () => {
    const { train } = recipe("m1-32b", [
      "learning_rate=2e-5",
      "bf16=false",
      "lora_target=q_proj,v_proj",
      "report_to=wandb",
      "flash_attn=null",
    ]);
    expect(train).toMatchObject({
      learning_rate: 2e-5,
      bf16: false,
      lora_target: "q_proj,v_proj",
      report_to: "wandb",
    });
    expect(train).not.toHaveProperty("flash_attn");
    expect(packagesFor(recipe("m1-32b", ["report_to=wandb"]))).toEqual(["deepspeed", "flash-attn", "wandb"]);
  });

  test.each([
    ["lerning_rate=1", /no argument lerning_rate: did you mean learning_rate\?/],
    ["epochs=3", /no argument epochs: did you mean/],
    ["learning_rate=fast", /train\.learning_rate: /],
    ["cutoff_len=0", /train\.cutoff_len: /],
    ["finetuning_type=lora", /train: lora needs lora_rank/],
    ["stage=dpo", /only supervised fine-tuning/],
    ["dataset=mine", /dataset cannot be set: the rows are named by --data/],
    ["mask_history=true", /mask_history cannot be set: it is chosen by finetune export --loss/],
    ["overwrite_output_dir=true", /forbid a killed run/],
    ["learning_rate", /--set takes key=value/],
    ["seed=[1", /is not a YAML value/],
  ])("--set %s is refused in one sentence", (set, sentence) => {
    expect(() => recipe("m1-32b", [set])).toThrow(sentence);
  });

  test.each(["x\nmodel_name_or_path: other", "x\u2028y", "../../elsewhere", "", "\u001b[2J"])(
    "%j is no recipe's name",
    (name) => {
      const file = join(mkdtempSync(join(tmpdir(), "boardroom-recipe-")), "mine.yaml");
      const { name: _, ...rest } = recipe("cpu-smoke");
      writeFileSync(file, JSON.stringify({ ...rest, name }));
      expect(() => recipe(file)).toThrow(/, name: a name is up to 50 letters/);
      writeFileSync(file, JSON.stringify({ ...rest, name: "Meine Übung 2" }));
      expect(recipe(file).name).toBe("Meine Übung 2");
    },
  );

  test("an unknown recipe names the nearest, and a file of one's own is read", () => {
    expect(() => recipe("m1-32")).toThrow(/no recipe m1-32: did you mean m1-32b\?/);
    expect(() => recipe("mine.yaml")).toThrow(/there is no file mine\.yaml/);
    const file = join(mkdtempSync(join(tmpdir(), "boardroom-recipe-")), "mine.yaml");
    writeFileSync(file, "description: mine\nbase: { model: 3 }\n");
    expect(() => recipe(file)).toThrow(/mine\.yaml, gpus: /);
    writeFileSync(file, "- 1\n");
    expect(() => recipe(file)).toThrow(/is not a recipe/);
  });
});

describe("the files of a run", () => {
  test("of the paper's run", () => {
    const files = filesOf(run("m1-32b"), started);
    expect(Object.keys(files)).toEqual(["train.yaml", "ds_z3_offload_config.json", "run.sh"]);
    expect(files["train.yaml"]).toMatchInlineSnapshot(`
      "# boardroom finetune: recipe m1-32b, started from the folder of this file
      model_name_or_path: Qwen/Qwen2.5-32B-Instruct
      stage: sft
      finetuning_type: full
      template: qwen
      cutoff_len: 32768
      per_device_train_batch_size: 1
      gradient_accumulation_steps: 2
      learning_rate: 0.00001
      num_train_epochs: 5
      bf16: true
      flash_attn: fa2
      trust_remote_code: true
      preprocessing_num_workers: 8
      weight_decay: 0.0001
      lr_scheduler_type: cosine
      warmup_ratio: 0.05
      ddp_timeout: 180000000
      seed: 42
      logging_steps: 1
      save_strategy: epoch
      save_total_limit: 1
      per_device_eval_batch_size: 1
      plot_loss: true
      report_to: none
      deepspeed: ds_z3_offload_config.json
      do_train: true
      dataset_dir: data
      dataset: boardroom_train
      eval_dataset: boardroom_validation
      eval_strategy: epoch
      default_system: You are Qwen, created by Alibaba Cloud. You are a helpful assistant.
      mask_history: true
      output_dir: output
      run_name: first
      "
    `);
  });

  test("of the smoke run, which has no DeepSpeed and writes the system message of the base's own template", () => {
    const files = filesOf(run("cpu-smoke"), started);
    expect(Object.keys(files)).toEqual(["train.yaml", "run.sh"]);
    expect(files["train.yaml"]).toContain(
      "default_system: You are a helpful AI assistant named SmolLM, trained by Hugging Face\n",
    );
  });

  test("loss on all turns and no held-out rows: no mask, no evaluation", () => {
    const data = exported("m1-32b", { loss: "all", samples: { train: 4, validation: 0, rejected: 0 } });
    const text = trainYaml(run("m1-32b", [], data));
    expect(text).toContain("mask_history: false\n");
    expect(text).not.toMatch(/^eval_/m);
  });

  test("rows of another template or longer than the cutoff are refused", () => {
    const other = exported("cpu-smoke");
    expect(() => trainYaml(run("m1-32b", [], other))).toThrow(/exported for template smollm2/);
    expect(() => trainYaml(run("m1-32b", ["cutoff_len=400"]))).toThrow(
      /has 500 tokens and cutoff_len is 400/,
    );
  });
});
