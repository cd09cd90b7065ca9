/**
 * What the default budget of each kind of model is enough for: scripted replies of a stated length, in every mode, with
 * critics that object once. A thinking model says 300 tokens of its reply and thinks the rest.
 */

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { userCatalog } from "../../models/catalog.ts";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import { modes } from "../../state/run-info.ts";
import { PromptCollector, prefixShares, shareOf } from "../prefix-share.ts";
import {
  board,
  type Reply,
  type ReplyFields,
  type Script,
  type Scripted,
  type SeenRequest,
  scriptedServer,
  verbose,
} from "../scripted-server.ts";

const SAID = 300;
const replies = [300, 600, 2000, 8000, 16_000];
const question = `Find the number of ordered pairs of positive integers (a, b) with a + b = 1000 such that neither a nor b has a zero digit. ${"Say how you count, and check it. ".repeat(6)}`;

/** A board whose every reply has `length` tokens; a thinking one thinks what it does not say. */
function talk(length: number, thinks: boolean): Script {
  const discuss = { action: "recruit", experts: 4, rounds: 1, tokensPerTurn: 8192 };
  const decisions = [discuss, { action: "evaluate" }, { action: "finish" }];
  const scripted = board({ experts: 4, decisions, agree: (round) => round > 1, answer: String });
  const long = (entry: Scripted, structured: boolean): Scripted => {
    const runs = new Map<string | null, { asked: number; last: Reply }>();
    return async (request: SeenRequest): Promise<ReplyFields> => {
      // Told to answer now, after its thinking was cut, it says what it would have said.
      const told = request.messages.some(({ role }) => role === "assistant");
      const of = runs.get(request.run) ?? { asked: 0, last: "" };
      runs.set(request.run, of);
      if (!told) of.last = typeof entry === "function" ? await entry(request, of.asked++) : entry;
      const said = thinks ? Math.min(SAID, length) : length;
      const content = structured ? of.last : `${verbose(said)}\nTherefore \\boxed{${of.asked}}.`;
      return { content, ...(thinks && !told && { reasoning: verbose(length - said) }) };
    };
  };
  return Object.fromEntries(
    ["ceo", "recruit", "solve", "critique", "evaluate"].map((node) => [
      node,
      long(scripted[node]!, node !== "solve"),
    ]),
  );
}

export default async function defaults(): Promise<void> {
  const rows = [];
  for (const reasoning of ["none", "field"] as const)
    for (const length of replies) {
      const server = await scriptedServer(talk(length, reasoning !== "none"));
      writeFileSync(
        userCatalog(),
        `- { name: m, baseURL: "${server.url}", context: 131072, reasoning: ${reasoning} }\n`,
      );
      for (const mode of modes) {
        server.requests.length = 0;
        const prompts = new PromptCollector();
        const task = { question, kind: "math" as const };
        const outcome = await run({ mode, task, settings: { model: "m" }, callbacks: [prompts] });
        const { state } = outcome;
        const result = resultOfOutcome(outcome);
        const { all } = prefixShares(prompts.prompts);
        const nodes = server.requests.map(({ node }) => node);
        const count = (node: string) => nodes.filter((name) => name === node).length;
        const round = state.transcript.some(
          ({ kind, abstained }) => kind === "revision" && abstained === null,
        );
        rows.push({
          kind: reasoning === "none" ? "instruct" : "reasoning",
          reply: length,
          mode,
          budget: result.budget.tokens,
          spent: result.usage.inputTokens + result.usage.outputTokens + result.usage.unknownTokens,
          decisions: count("ceo"),
          drafts: state.transcript.filter(({ kind }) => kind === "draft").length,
          critiques: count("critique"),
          "round done": mode === "ceo" || mode === "team" ? round : "-",
          verdicts: count("evaluate"),
          "replies cut": server.requests.filter(
            ({ usage, maxTokens }) => usage?.completion_tokens === maxTokens,
          ).length,
          abstained: state.transcript.filter(({ abstained }) => abstained !== null).length,
          status: result.status,
          "seen prefix": `${(100 * shareOf(all!)).toFixed(0)} %`,
        });
      }
      await server.close();
    }
  console.table(rows);
  const early = rows.filter((row) => row["round done"] === false);
  console.log(
    early.length === 0
      ? "No kind ends before its first round."
      : `${early.length} runs ended before their first round.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await defaults();
