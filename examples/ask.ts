/**
 * Boardroom as a library: one question, within a budget, with the work shown as it is done.
 *
 *   OPENAI_BASE_URL=http://localhost:8000/v1 npx tsx examples/ask.ts my-model "What is 6 times 7?"
 */
import { BudgetTooSmall, CatalogError, type RunEvent, solve } from "boardroom";

const [model = "embedded", question = "What is 6 times 7?"] = process.argv.slice(2);

function show(event: RunEvent): void {
  if (event.type !== "update") return;
  for (const said of event.update.transcript ?? []) console.error(`${said.expert}: ${said.kind}`);
}

try {
  const result = await solve({
    mode: "ceo",
    task: { question, kind: "math" },
    settings: { model, budgetTokens: 8000, maxExperts: 3 },
    onEvent: show,
  });
  const { inputTokens, outputTokens } = result.usage;
  console.error(`${result.status}: ${inputTokens + outputTokens} of ${result.budget.tokens} tokens`);
  console.log(result.answer);
} catch (error) {
  // What is the caller's to mend is thrown, before anything is spent; what an endpoint does is told in `result.error`.
  if (!(error instanceof BudgetTooSmall || error instanceof CatalogError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
