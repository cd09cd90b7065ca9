/**
 * Share of the prompt tokens of a run that a server with a prefix cache has read before: blocks of 16 tokens as vLLM
 * hashes them, Qwen2.5's tokenizer and chat template. First the recorded runs of a real model, then scripted ones
 * whose replies have a stated length. BOARDROOM_RECORD=1 (or the name of one)
 * records the real runs anew.
 */
import { pathToFileURL } from "node:url";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import type { Settings } from "../../state/settings.ts";
import { boundOf, PromptCollector, prefixShares, type Share, shareOf } from "../prefix-share.ts";
import { record, recordedPrompts, recordings } from "../recorded-runs.ts";
import { board, type Script, scriptedServer, verbose } from "../scripted-server.ts";

const question = `Find the number of ordered pairs of positive integers (a, b) with a + b = 1000 such that neither a nor b has a zero digit. ${"Say how you count, and check it. ".repeat(6)}`;

/** Critics that object to the end, and no two answers alike: all rounds are spent. */
function talk(format: NonNullable<Settings["format"]>, solution: number, objection: number): Script {
  let said = 0;
  const unlike = () => `${said++}: `;
  const options = { experts: 4, format, rounds: 3, agree: false, accept: true };
  return {
    ...board({ ...options, answer: String }),
    solve: (_, nth) => `${unlike()}${verbose(solution)}\nTherefore \\boxed{${nth}}.`,
    critique: () => ({ agree: false, objections: unlike() + verbose(objection) }),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const figures = (share: Share) => ({
  calls: share.calls,
  "prompt tokens": share.tokens,
  "in a seen prefix": percent(shareOf(share)),
  "bound of any layout": percent(boundOf(share)),
});

async function scripted(format: NonNullable<Settings["format"]>, solution: number, budgetTokens: number) {
  const server = await scriptedServer(talk(format, solution, Math.min(150, Math.ceil(solution / 3))));
  process.env.OPENAI_BASE_URL = server.url;
  const prompts = new PromptCollector();
  const settings = { model: "scripted", maxExperts: 4, rounds: 3, maxTurns: 1, format, budgetTokens };
  const task = { question, kind: "math" as const };
  const outcome = await run({ mode: "team", task, settings, callbacks: [prompts] });
  const result = resultOfOutcome(outcome);
  await server.close();
  const { all } = prefixShares(prompts.prompts);
  const spent = result.usage.inputTokens + result.usage.outputTokens;
  return { format, "reply tokens": solution, budget: budgetTokens, spent, ...figures(all!) };
}

export default async function prefix(): Promise<void> {
  for (const name of recordings) {
    if (["1", name].includes(process.env.BOARDROOM_RECORD ?? "")) await record(name);
    const { settings, model, prompts } = await recordedPrompts(name);
    const { format, maxExperts, rounds, budgetTokens, maxTokensPerTurn } = settings;
    console.log(
      `Recorded: ${model}, ${format}, ${maxExperts} experts, ${rounds} rounds, budget ${budgetTokens}, at most ${maxTokensPerTurn} tokens a turn`,
    );
    const rows = Object.entries(prefixShares(prompts)).map(([node, share]) => [node, figures(share)]);
    console.table(Object.fromEntries(rows));
  }
  console.log("Scripted: 4 experts, 3 rounds, objections a third as long as solutions, 150 tokens at most");
  const rows = [];
  for (const format of ["critique", "debate"] as const)
    for (const budget of [16_000, 200_000])
      for (const solution of [150, 600, 1500]) rows.push(await scripted(format, solution, budget));
  console.table(rows);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await prefix();
