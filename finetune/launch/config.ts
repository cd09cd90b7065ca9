import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { trainYaml } from "../files.ts";
import type { LaunchPlan } from "./launcher.ts";
import type { Run } from "./run.ts";

/** sha256 of all that decides what is trained; the run's name, the trainer's place and the way it is started do not. */
export function configHash(plan: LaunchPlan, dataset: string): string {
  const { nodes, gpus, deepspeed } = plan;
  return createHash("sha256")
    .update(JSON.stringify({ train: trainYaml({ ...plan, name: "" }), deepspeed, dataset, nodes, gpus }))
    .digest("hex");
}

/** In words, how a run that is there differs from what is asked now. */
export function difference(there: Run, folder: string, plan: LaunchPlan, dataset: string): string {
  if (there.dataset !== dataset) return "other rows";
  if (there.recipe !== plan.recipe.name) return `recipe ${there.recipe}, not ${plan.recipe.name}`;
  if (there.nodes !== plan.nodes) return `${there.nodes} nodes, not ${plan.nodes}`;
  if (there.gpus !== plan.gpus) return `${there.gpus} GPUs per node, not ${plan.gpus}`;
  const lines = (text: string) => text.split("\n").filter((line) => /^\w/.test(line));
  const written = join(folder, "train.yaml");
  const old = existsSync(written) ? lines(readFileSync(written, "utf8")) : [];
  const now = lines(trainYaml(plan));
  const gone = old.find((line) => !now.includes(line));
  const come = now.find((line) => !old.includes(line));
  if (gone || come) return [gone ?? "without what is asked now", `not ${come ?? "left out"}`].join(", ");
  return plan.deepspeed === null
    ? "other settings"
    : `another ${basename(plan.recipe.train.deepspeed ?? "")}`;
}
