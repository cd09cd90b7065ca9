import { END, START, StateGraph } from "@langchain/langgraph";
import { conclude } from "../nodes/conclude.ts";
import { critique } from "../nodes/critique.ts";
import { discuss } from "../nodes/discuss.ts";
import { evaluate } from "../nodes/evaluate.ts";
import { execute } from "../nodes/execute.ts";
import { human } from "../nodes/human.ts";
import { plan } from "../nodes/plan.ts";
import { recruit } from "../nodes/recruit.ts";
import { solve } from "../nodes/solve.ts";
import { Settings } from "../state/settings.ts";
import { Input, Output, State } from "../state/state.ts";
import { nodeOptions } from "./node-options.ts";
import { withRecursionLimit } from "./recursion-limit.ts";
import { humanRoute, planRoute, speakerRoute, verdictRoute } from "./routes.ts";

/** A team without CEO: recruit, discuss, check and evaluate by a fixed plan, again when the answer is rejected. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode("plan", plan("team"), nodeOptions)
  .addNode("recruit", recruit, nodeOptions)
  .addNode("discuss", discuss, nodeOptions)
  .addNode("solve", solve, nodeOptions)
  .addNode("critique", critique, nodeOptions)
  .addNode("execute", execute, nodeOptions)
  .addNode("evaluate", evaluate, nodeOptions)
  .addNode("conclude", conclude, nodeOptions)
  .addNode("human", human, nodeOptions)
  .addEdge(START, "plan")
  .addConditionalEdges("plan", planRoute("recruit experts"), {
    "recruit experts": "recruit",
    "ask a person": "human",
  })
  .addEdge("recruit", "discuss")
  .addConditionalEdges("discuss", speakerRoute("agreed or rounds spent"), {
    "draft or revise": "solve",
    criticise: "critique",
    "agreed or rounds spent": "execute",
    "ask a person": "human",
  })
  .addEdge("solve", "discuss")
  .addEdge("critique", "discuss")
  .addEdge("execute", "evaluate")
  .addConditionalEdges("evaluate", verdictRoute("rejected", "accepted or turns spent"), {
    rejected: "plan",
    "accepted or turns spent": "conclude",
  })
  .addConditionalEdges("human", humanRoute, {
    "as answered": "plan",
    "go on": "discuss",
    stop: "conclude",
  })
  .addEdge("conclude", END);

export const graph = withRecursionLimit(builder.compile({ name: "team" }));
