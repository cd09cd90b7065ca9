#!/usr/bin/env node
// A stand-in for LLaMA-Factory 0.9.5, for tests alone: it trains nothing. It takes the same arguments (`train
// train.yaml`), reads the same files, and leaves the same ones: trainer_log.jsonl, checkpoint-N, final weights. Like the
// original it goes on from the last checkpoint in output_dir.
// STAND_IN: normal | nan | zero | diverge | crash | half (lines are written in two pieces, one is left cut)
// STAND_IN_STEPS, STAND_IN_STEP_MS: how many steps, and how long each takes. STAND_IN_CRASH_AT: the step of a crash.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const [task, file] = process.argv.slice(2);
if (task !== "train") throw new Error(`stand-in trainer: it cannot ${task}`);
const config = parse(readFileSync(file, "utf8"));
const mode = process.env.STAND_IN ?? "normal";
const steps = Number(process.env.STAND_IN_STEPS ?? config.max_steps ?? 12);
const stepMs = Number(process.env.STAND_IN_STEP_MS ?? 1);
const crashAt = Number(process.env.STAND_IN_CRASH_AT ?? 4);
const out = config.output_dir;
const rank = Number(process.env.NODE_RANK ?? 0);

const info = JSON.parse(readFileSync(join(config.dataset_dir, "dataset_info.json"), "utf8"));
const rows = readFileSync(join(config.dataset_dir, info[config.dataset].file_name), "utf8")
  .trim()
  .split("\n");

mkdirSync(out, { recursive: true });
const seen = ["FORCE_TORCHRUN", "NNODES", "NODE_RANK", "MASTER_ADDR", "MASTER_PORT", "NPROC_PER_NODE"];
writeFileSync(
  join(out, `seen-by-${rank}.json`),
  JSON.stringify({
    cwd: process.cwd(),
    ...Object.fromEntries(seen.map((name) => [name, process.env[name]])),
  }),
);
if (rank > 0) process.exit(0); // rank 0 alone logs and saves

const saved = readdirSync(out).flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? []);
const from = Math.max(0, ...saved.map(Number));
if (from === 0 && existsSync(join(out, "model.safetensors")))
  throw new Error(`ValueError: Output directory (${out}) already exists and is not empty.`);
console.log(from > 0 ? `Resuming from checkpoint-${from}` : `Training on ${rows.length} rows`);

const began = Date.now();
const clock = (seconds) => {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** As LLaMA-Factory's LogCallback; Python writes NaN as it is. */
async function log(step, fields) {
  const seconds = (Date.now() - began) / 1000;
  const event = {
    current_steps: step,
    total_steps: steps,
    ...fields,
    epoch: +((step / steps) * 3).toFixed(2),
    percentage: +((100 * step) / steps).toFixed(2),
    elapsed_time: clock(seconds),
    remaining_time: clock((seconds / step) * (steps - step)),
    throughput: 123.4,
    total_tokens: step * 1000,
  };
  const text = `${JSON.stringify(event, (_, value) => (Number.isNaN(value) ? "@nan" : value)).replaceAll('"@nan"', "NaN")}\n`;
  const path = join(out, "trainer_log.jsonl");
  if (mode !== "half") return appendFileSync(path, text);
  appendFileSync(path, text.slice(0, 20));
  await sleep(20);
  appendFileSync(path, text.slice(20));
}

function lossAt(step) {
  if (mode === "nan" && step >= 5) return Number.NaN;
  if (mode === "zero" && step >= 5) return 0;
  if (mode === "diverge" && step >= 6) return 10 + step;
  return +(2 * 0.9 ** step + 0.1).toFixed(4);
}

for (let step = from + 1; step <= steps; step++) {
  await sleep(stepMs);
  if (mode === "crash" && step === crashAt) {
    process.stderr.write(`  8%|8         | ${step}/${steps}\r`);
    process.stderr.write(
      'Traceback (most recent call last):\n  File "tuner.py", line 110, in run_exp\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB.\n',
    );
    process.exit(1);
  }
  await log(step, { loss: lossAt(step), lr: 1e-5 });
  const saves = config.save_steps ?? 5;
  if (step % saves === 0 || step === steps) {
    if ("eval_dataset" in config) await log(step, { eval_loss: +(lossAt(step) + 0.05).toFixed(4) });
    mkdirSync(join(out, `checkpoint-${step}`), { recursive: true });
    writeFileSync(
      join(out, `checkpoint-${step}`, "trainer_state.json"),
      JSON.stringify({ global_step: step }),
    );
  }
}
await log(steps, {});
writeFileSync(join(out, "model.safetensors"), "stand-in");
writeFileSync(join(out, "all_results.json"), JSON.stringify({ train_loss: 1, epoch: 3 }));
console.log("***** train metrics *****");
