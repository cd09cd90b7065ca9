import { END, START, StateGraph } from "@langchain/langgraph";
import { conclude } from "../nodes/conclude.ts";
import { execute } from "../nodes/execute.ts";
import { plan } from "../nodes/plan.ts";
import { solve } from "../nodes/solve.ts";
import { Settings } from "../state/settings.ts";
import { Input, Output, State } from "../state/state.ts";
import { nodeOptions } from "./node-options.ts";
import { withRecursionLimit } from "./recursion-limit.ts";

/** One model, one solve: the baseline. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode("plan", plan("solo"), nodeOptions)
  .addNode("solve", solve, nodeOptions)
  .addNode("execute", execute, nodeOptions)
  .addNode("conclude", conclude, nodeOptions)
  .addEdge(START, "plan")
  .addEdge("plan", "solve")
  .addEdge("solve", "execute")
  .addEdge("execute", "conclude")
  .addEdge("conclude", END);

export const graph = withRecursionLimit(builder.compile({ name: "solo" }));
