import { END, START, StateGraph } from "@langchain/langgraph";
import { ceo } from "../nodes/ceo.ts";
import { conclude } from "../nodes/conclude.ts";
import { critique } from "../nodes/critique.ts";
import { discuss } from "../nodes/discuss.ts";
import { evaluate } from "../nodes/evaluate.ts";
import { execute } from "../nodes/execute.ts";
import { human } from "../nodes/human.ts";
import { recruit } from "../nodes/recruit.ts";
import { solve } from "../nodes/solve.ts";
import { Settings } from "../state/settings.ts";
import { Input, Output, State } from "../state/state.ts";
import { nodeOptions } from "./node-options.ts";
import { withRecursionLimit } from "./recursion-limit.ts";
import { decisionRoute, humanRoute, speakerRoute } from "./routes.ts";

/** A team under a CEO: the CEO chooses the next stage, `discuss` says who speaks next; only these two route. */
export const builder = new StateGraph({ state: State, input: Input, output: Output, context: Settings })
  .addNode("ceo", ceo, nodeOptions)
  .addNode("recruit", recruit, nodeOptions)
  .addNode("discuss", discuss, nodeOptions)
  .addNode("solve", solve, nodeOptions)
  .addNode("critique", critique, nodeOptions)
  .addNode("execute", execute, nodeOptions)
  .addNode("evaluate", evaluate, nodeOptions)
  .addNode("conclude", conclude, nodeOptions)
  .addNode("human", human, nodeOptions)
  .addEdge(START, "ceo")
  .addConditionalEdges("ceo", decisionRoute, {
    "recruit experts": "recruit",
    "discuss further": "discuss",
    "run it": "execute",
    "judge it": "evaluate",
    finish: "conclude",
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
  .addEdge("execute", "ceo")
  .addEdge("evaluate", "ceo")
  .addConditionalEdges("human", humanRoute, { "as answered": "ceo", "go on": "discuss", stop: "conclude" })
  .addEdge("conclude", END);

export const graph = withRecursionLimit(builder.compile({ name: "ceo" }));
