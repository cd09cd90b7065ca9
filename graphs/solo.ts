import { END, START, StateGraph } from "@langchain/langgraph";
import { conclude } from "../nodes/conclude.ts";
import { execute } from "../nodes/execute.ts";
import { human } from "../nodes/human.ts";
import { plan } from "../nodes/plan.ts";
import { solve } from "../nodes/solve.ts";
import { Settings } from "../state/settings.ts";
import { Input, Output, State } from "../state/state.ts";
import { nodeOptions } from "./node-options.ts";
import { withRecursionLimit } from "./recursion-limit.ts";
import { humanRoute, planRoute } from "./routes.ts";

/** One model, one solve: the baseline. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode("plan", plan("solo"), nodeOptions)
  .addNode("solve", solve, nodeOptions)
  .addNode("execute", execute, nodeOptions)
  .addNode("conclude", conclude, nodeOptions)
  .addNode("human", human, nodeOptions)
  .addEdge(START, "plan")
  .addConditionalEdges("plan", planRoute("solve it"), { "solve it": "solve", "ask a person": "human" })
  .addEdge("solve", "execute")
  .addEdge("execute", "conclude")
  .addConditionalEdges("human", humanRoute, { "as answered": "plan", stop: "conclude" })
  .addEdge("conclude", END);

export const graph = withRecursionLimit(builder.compile({ name: "solo" }));
