import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Environment } from "../../finetune/environment.ts";
import { lastLine } from "../../finetune/script.ts";
import { boardroom, done, until } from "./cli.ts";

const Step = z.looseObject({
  current_steps: z.number(),
  total_steps: z.number(),
  loss: z.number().optional(),
});

/** The steps that the trainer has logged, in the order in which it did. */
export function stepsOf(folder: string): z.infer<typeof Step>[] {
  const file = join(folder, "output", "trainer_log.jsonl");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line ? [Step.parse(JSON.parse(line))] : [];
      } catch {
        return []; // it is being written
      }
    })
    .filter(({ loss }) => loss !== undefined);
}

export const checkpointsIn = (folder: string): number[] =>
  existsSync(join(folder, "output"))
    ? readdirSync(join(folder, "output"))
        .filter((name) => existsSync(join(folder, "output", name, "trainer_state.json")))
        .flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
        .map(Number)
    : [];

const RunJson = z.looseObject({ starts: z.array(z.object({ handle: z.object({ pid: z.number() }) })) });

/** Ends the trainer and all its processes as a power cut would. */
export function killGroup(folder: string): void {
  const { starts } = RunJson.parse(JSON.parse(readFileSync(join(folder, "run.json"), "utf8")));
  process.kill(-starts.at(-1)!.handle.pid, "SIGKILL");
}

export async function stateOf(run: string): Promise<string> {
  const { stdout } = await boardroom(["finetune", "status", run, "--json"]);
  return z.array(z.looseObject({ state: z.string() })).parse(JSON.parse(stdout))[0]?.state ?? "unknown";
}

/** Launches and kills in the middle, after a checkpoint and two more steps; then launches again by the same command. */
export async function trainTwice(launch: string[], folder: string) {
  await done(launch);
  const killed = await until("a checkpoint and two more steps", 60, () => {
    const [saved] = checkpointsIn(folder);
    const at = stepsOf(folder).at(-1)?.current_steps ?? 0;
    if (existsSync(join(folder, "exit"))) throw new Error(`the trainer ended early: ${lastWords(folder)}`);
    return saved !== undefined && at >= saved + 2 ? { saved, at } : null;
  });
  killGroup(folder);
  const before = stepsOf(folder).length;
  const state = await stateOf(launch.at(-1)!);
  await done(launch);
  await until("the end of the training", 90, () => (existsSync(join(folder, "exit")) ? true : null));
  const code = readFileSync(join(folder, "exit"), "utf8").trim();
  if (code !== "0") throw new Error(`the trainer ended with exit code ${code}: ${lastWords(folder)}`);
  const steps = stepsOf(folder);
  return { killed, state, wentOnAt: steps[before]?.current_steps ?? 0, steps };
}

const lastWords = (folder: string): string => lastLine(readFileSync(join(folder, "train.log"), "utf8"));

/** Mean loss on the held-out samples, by LLaMA-Factory as it evaluates during training. */
export async function evalLoss(
  folder: string,
  model: string,
  into: string,
  { trainer }: Environment,
): Promise<number> {
  const {
    save_strategy: _,
    save_steps: __,
    eval_strategy: ___,
    dataset: ____,
    plot_loss: _____,
    ...given
  } = parse(readFileSync(join(folder, "train.yaml"), "utf8"));
  const file = join(folder, `${into}.yaml`);
  const fields = { ...given, model_name_or_path: model, do_train: false, do_eval: true, output_dir: into };
  writeFileSync(file, stringify(fields));
  const { exitCode, stderr } = await execa(trainer, ["train", file], {
    cwd: folder,
    reject: false,
    stdin: "ignore",
    env: { HF_HUB_OFFLINE: "1", OMP_WAIT_POLICY: "passive" },
  });
  if (exitCode !== 0) throw new Error(`evaluating ${model} failed: ${lastLine(stderr)}`);
  return z
    .object({ eval_loss: z.number() })
    .parse(JSON.parse(readFileSync(join(folder, into, "all_results.json"), "utf8"))).eval_loss;
}
