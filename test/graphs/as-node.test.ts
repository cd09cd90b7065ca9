import { END, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { z } from "zod";
import { graph as team } from "../../graphs/team.ts";
import { Settings } from "../../state/settings.ts";
import { board } from "../scripted-server.ts";
import { question, serve } from "./scripted-run.ts";

test("a compiled graph is a node of a graph of somebody else, which hands it its task and settings", async () => {
  const { requests } = await serve(board({ experts: 2 }));
  const Homework = z.object({
    text: z.string(),
    task: z.object({ question: z.string(), kind: z.enum(["math"]) }).optional(),
    answer: z.string().nullable().default(null),
    status: z.string().default(""),
  });
  const graph = new StateGraph(Homework)
    .addNode("read", ({ text }) => ({ task: { question: text, kind: "math" as const } }))
    .addNode("team", team)
    .addEdge(START, "read")
    .addEdge("read", "team")
    .addEdge("team", END)
    .compile();
  const context = Settings.parse({ model: "scripted", maxExperts: 2, rounds: 1 });
  const { answer, status } = await graph.invoke({ text: question }, { context });
  expect({ answer, status }).toEqual({ answer: "42", status: "solved" });
  expect(requests.map(({ node }) => node)).toEqual(expect.arrayContaining(["recruit", "solve", "critique"]));
});
