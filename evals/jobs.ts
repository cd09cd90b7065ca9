import type { Item } from "../benchmarks/benchmark.ts";
import type { Mode } from "../state/run-info.ts";
import type { EvalOptions } from "./eval-options.ts";
import { keyOf, type RolloutKey } from "./records.ts";

/** One rollout to be done: an item in a mode, for the nth time. */
export interface Job {
  item: Item;
  mode: Mode;
  repeat: number;
}

/** The rollouts of an evaluation that have no result yet, in the order of items, so that modes are compared early. */
export function pendingJobs(
  { items, modes, repeats }: Pick<EvalOptions, "items" | "modes" | "repeats">,
  done: ReadonlySet<string>,
): Job[] {
  const jobs = Array.from({ length: repeats }, (_, repeat) =>
    items.flatMap((item) => modes.map((mode) => ({ item, mode, repeat }))),
  ).flat();
  return jobs.filter((job) => !done.has(keyOf(keyOfJob(job))));
}

/** The fields by which the rows of a job are found. */
export const keyOfJob = ({ item, mode, repeat }: Job): RolloutKey => ({ id: item.id, mode, repeat });
