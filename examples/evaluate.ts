/**
 * A team as the target of LangSmith's `evaluate()`: where LANGSMITH_ENDPOINT says, which may be the local store
 * (`npm run -s boardroom -- traces serve`).
 *
 *   LANGSMITH_ENDPOINT=http://127.0.0.1:1984 LANGSMITH_API_KEY=local npx tsx examples/evaluate.ts my-model
 */
import { equivalent, Settings } from "boardroom";
import { team } from "boardroom/graphs";
import { Client } from "langsmith";
import { evaluate } from "langsmith/evaluation";

const [model = "embedded"] = process.argv.slice(2);
const client = new Client();
const datasetName = "products";

if (!(await client.hasDataset({ datasetName }))) {
  const { id } = await client.createDataset(datasetName);
  await client.createExamples([
    { dataset_id: id, inputs: { question: "What is 6 times 7?" }, outputs: { answer: "42" } },
    { dataset_id: id, inputs: { question: "What is 6 times 8?" }, outputs: { answer: "48" } },
  ]);
}

interface Row {
  inputs: { question?: string };
  outputs: { answer?: string | null };
  referenceOutputs?: { answer?: string };
}

const experiment = await evaluate(
  async ({ question }: { question: string }) => {
    const context = Settings.parse({ model, maxExperts: 2, rounds: 1, budgetTokens: 8000 });
    // The team's nodes and model calls are traced below the row's own run.
    const { answer } = await team.invoke({ task: { question, kind: "math" } }, { context });
    return { answer };
  },
  {
    data: datasetName,
    evaluators: [
      ({ outputs, referenceOutputs }: Row) => ({
        key: "right",
        score: Number(equivalent(outputs.answer ?? "", referenceOutputs?.answer ?? "", { kind: "math" })),
      }),
    ],
    experimentPrefix: "team",
    client,
  },
);

for (const { example, run, evaluationResults } of experiment.results)
  console.log(`${example.inputs.question} ${run.outputs?.answer} ${evaluationResults.results[0]?.score}`);
