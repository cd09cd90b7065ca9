/**
 * A team as one node of a LangGraph of your own: a question is split, each part is worked on by Boardroom's graph, and the
 * answers are joined.
 *
 *   OPENAI_BASE_URL=http://localhost:8000/v1 npx tsx examples/own-graph.ts my-model "What is 6 times 7? And 7 times 6?"
 */
import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { Settings, team } from "boardroom/graphs";
import { z } from "zod";

const [model = "embedded", text = "What is 6 times 7? And 7 times 6?"] = process.argv.slice(2);

const Homework = new StateSchema({
  text: z.string(),
  questions: z.array(z.string()).default([]),
  answers: z.array(z.string()).default([]),
});

const graph = new StateGraph(Homework)
  .addNode("split", ({ text }) => ({ questions: text.match(/[^?]+\?/g) ?? [text] }))
  .addNode("work", async ({ questions }) => {
    const answers: string[] = [];
    for (const question of questions) {
      const task = { question: question.trim(), kind: "math" as const };
      const context = Settings.parse({ model, maxExperts: 2, rounds: 1, budgetTokens: 8000 });
      const { answer } = await team.invoke({ task }, { context });
      answers.push(answer ?? "no answer");
    }
    return { answers };
  })
  .addEdge(START, "split")
  .addEdge("split", "work")
  .addEdge("work", END)
  .compile();

const { questions, answers } = await graph.invoke({ text });
for (const [i, question] of questions.entries()) console.log(`${question.trim()} ${answers[i]}`);
