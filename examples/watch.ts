/**
 * A team at work, event by event; what `stream` returns at its end is what `solve` gives.
 *
 *   OPENAI_BASE_URL=http://localhost:8000/v1 npx tsx examples/watch.ts my-model "What is 6 times 7?"
 */
import { stream } from "boardroom";

const [model = "embedded", question = "What is 6 times 7?"] = process.argv.slice(2);

const events = stream({
  mode: "ceo",
  task: { question, kind: "math" },
  settings: { model, budgetTokens: 8000, maxExperts: 3 },
  signal: AbortSignal.timeout(600_000),
});
for (;;) {
  const { done, value } = await events.next();
  if (done) {
    console.log(value.answer);
    break;
  }
  if (value.type === "speaks") console.error(`${value.expert}: ${value.answer ?? value.text}`);
  else if (value.type === "decision") console.error(`decision: ${value.applied.action}`);
  else if (value.type === "ledger") console.error(`${value.left.tokens} tokens left`);
}
