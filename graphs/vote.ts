import { END, START, StateGraph } from "@langchain/langgraph";
import { conclude } from "../nodes/conclude.ts";
import { discuss } from "../nodes/discuss.ts";
import { execute } from "../nodes/execute.ts";
import { human } from "../nodes/human.ts";
import { plan } from "../nodes/plan.ts";
import { solve } from "../nodes/solve.ts";
import { Settings } from "../state/settings.ts";
import { Input, Output, State } from "../state/state.ts";
import { nodeOptions } from "./node-options.ts";
import { withRecursionLimit } from "./recursion-limit.ts";
import { humanRoute, planRoute, speakerRoute } from "./routes.ts";

/** Self-consistency: independent samples until the vote is decided or the next does not fit into the budget. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode("plan", plan("vote"), nodeOptions)
  .addNode("discuss", discuss, nodeOptions)
  .addNode("solve", solve, nodeOptions)
  .addNode("execute", execute, nodeOptions)
  .addNode("conclude", conclude, nodeOptions)
  .addNode("human", human, nodeOptions)
  .addEdge(START, "plan")
  .addConditionalEdges("plan", planRoute("draw samples"), {
    "draw samples": "discuss",
    "ask a person": "human",
  })
  .addConditionalEdges("discuss", speakerRoute("decided or spent"), {
    sample: "solve",
    "decided or spent": "execute",
    "ask a person": "human",
  })
  .addEdge("solve", "discuss")
  .addEdge("execute", "conclude")
  .addConditionalEdges("human", humanRoute, {
    "as answered": "plan",
    "go on": "discuss",
    stop: "conclude",
  })
  .addEdge("conclude", END);

export const graph = withRecursionLimit(builder.compile({ name: "vote" }));
