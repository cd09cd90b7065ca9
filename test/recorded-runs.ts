import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Cassette } from "../models/cassette.ts";
import { packageRoot } from "../paths.ts";
import { promptText } from "../prompts/index.ts";
import { run } from "../runtime/run.ts";
import { modes } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import { PromptCollector } from "./prefix-share.ts";

const model = "smollm2-135m-instruct";
const task: Task = {
  question:
    "A bakery sells 48 rolls before noon and half as many after noon. Each roll costs 1.50 dollars, and every tenth roll is given away for free. How much money does the bakery take that day?",
  kind: "math",
};
/** What someone sets who wants four experts and three whole rounds of this model, whose own default is 3,000 tokens. */
const whole = {
  ...{ model, maxExperts: 4, rounds: 3, maxTurns: 1, budgetTokens: 60_000, seed: 1 },
  callSeconds: 3600, // a busy machine
};

/**
 * SmolLM2 agrees with everything, which ends a discussion in its first round: its critics are told that there is an
 * error, as someone would who edits that prompt.
 */
const promptCritique = promptText("critique")
  .replace(/Agree only if[^.]*\. Otherwise/, "The solution has an error: do not agree with it, but")
  .replace("true or false", "false");

/** Real runs with four experts and three rounds: what they are recorded with. */
const runs = {
  critique: { ...whole, format: "critique" as const, promptCritique },
  debate: { ...whole, format: "debate" as const },
};
export const recordings = Object.keys(runs) as (keyof typeof runs)[];

const fileOf = (name: keyof typeof runs) =>
  join(packageRoot, "test", "cassettes", `discussion-${name}.jsonl`);

/** Records a run anew, with the real model: minutes on two cores. Needed after an edit of what prompts are made of. */
export async function record(name: keyof typeof runs): Promise<void> {
  rmSync(fileOf(name), { force: true });
  const cassette = new Cassette(fileOf(name), "record");
  // The whole settings with their prompts: a later edit of a prompt must not make the recording unplayable.
  const settings = Settings.parse(runs[name]);
  const recorded = new Date().toISOString().slice(0, 10);
  cassette.describe({ mode: "team", task, settings, recorded, model });
  const { error, state } = await cassette.around(() => run({ mode: "team", task, settings }));
  if (error) throw error;
  const silent = state.transcript.find(({ abstained }) => abstained === "endpoint");
  if (silent) throw new Error(`not to be replayed: ${silent.expert} got no reply (${silent.error})`);
}

const About = z.object({ mode: z.enum(modes), task: Task, settings: Settings, model: z.string() });

/** Replays a recorded run through the graph, and gives the prompts that it sends. */
export async function recordedPrompts(name: keyof typeof runs) {
  if (!existsSync(fileOf(name))) throw new Error(`${fileOf(name)} is missing: BOARDROOM_RECORD=1 records it`);
  const cassette = new Cassette(fileOf(name), "replay");
  const { mode, task, settings, model } = About.parse(cassette.about);
  const collector = new PromptCollector();
  const { state, error } = await cassette.around(() => run({ mode, task, settings, callbacks: [collector] }));
  if (error) throw error;
  return { settings, model, state, prompts: collector.prompts };
}
