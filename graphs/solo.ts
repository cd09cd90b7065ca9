import { END, START, StateGraph } from "@langchain/langgraph";
import { conclude } from "../nodes/conclude.ts";
import { execute } from "../nodes/execute.ts";
import { plan } from "../nodes/plan.ts";
import { solve } from "../nodes/solve.ts";
import { roomy } from "./roomy.ts";
import { Settings } from "./settings.ts";
import { Input, Output, State } from "./state.ts";

/** One model, one solve: the baseline. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode({ plan: plan("solo"), solve, execute, conclude })
  .addEdge(START, "plan")
  .addEdge("plan", "solve")
  .addEdge("solve", "execute")
  .addEdge("execute", "conclude")
  .addEdge("conclude", END);

export const graph = roomy(builder.compile({ name: "solo" }));
