import { type LangGraphRunnableConfig, Send } from "@langchain/langgraph";
import { settingsOf } from "../state/settings.ts";
import type { State } from "../state/state.ts";

const labels = {
  recruit: "recruit experts",
  discuss: "discuss further",
  execute: "run it",
  evaluate: "judge it",
  finish: "finish",
} as const;

/** Where the last decision leads. */
export const decidedStage = ({ decisions }: State) => labels[decisions.at(-1)!.applied.action];

/** A Send for each speaker; `done` when nobody speaks. */
export const speakers =
  <Label extends string>(done: Label) =>
  ({ next }: State) =>
    next === null || next.node === "done"
      ? done
      : next.speakers.map((expert) => new Send(next.node, { expert }));

/** `team` after its evaluation: once more where the answer was rejected and turns and money are left. */
export const verdictRoute =
  <Again extends string, Label extends string>(again: Again, done: Label) =>
  ({ candidates, decisions, halted }: State, config: LangGraphRunnableConfig): Again | Label => {
    const accepted = candidates.some(({ check, verdict }) => check?.passed || verdict?.accepted);
    return accepted || halted || decisions.length >= settingsOf(config).maxTurns ? done : again;
  };
