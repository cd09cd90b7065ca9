import { type LangGraphRunnableConfig, Send } from "@langchain/langgraph";
import { settingsOf } from "./settings.ts";
import type { State } from "./state.ts";

const labels = {
  recruit: "recruit experts",
  discuss: "discuss further",
  execute: "run it",
  evaluate: "judge it",
  finish: "finish",
} as const;

/** Where the last decision leads. */
export const decided = ({ decisions }: State) => labels[decisions.at(-1)!.applied.action];

/** A Send for each expert that has the floor; `done` when nobody has. */
export const speakers =
  <Label extends string>(done: Label) =>
  ({ next }: State) =>
    next === null || next.say === "done" ? done : next.who.map((expert) => new Send(next.say, { expert }));

/** `team` after its evaluation: once more where the answer was rejected and turns and money are left. */
export const judged =
  <Again extends string, Label extends string>(again: Again, done: Label) =>
  ({ candidates, decisions, halted }: State, config: LangGraphRunnableConfig): Again | Label => {
    const accepted = candidates.some(({ verdict, verified }) => verified || verdict?.accepted);
    return accepted || halted || decisions.length >= settingsOf(config).maxTurns ? done : again;
  };
