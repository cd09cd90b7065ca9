import { Send } from "@langchain/langgraph";
import { settingsOf } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import { Router } from "./router.ts";

const labels = {
  recruit: "recruit experts",
  discuss: "discuss further",
  execute: "run it",
  evaluate: "judge it",
  finish: "finish",
} as const;

/** Where the last decision leads. */
export const decidedStage = new Router(({ decisions }: State) => labels[decisions.at(-1)!.applied.action]);

/** A Send for each speaker; `done` when nobody speaks. */
export const speakers = (done: string) =>
  new Router(({ next }: State) =>
    next === null || next.node === "done"
      ? done
      : next.speakers.map((expert) => new Send(next.node, { expert })),
  );

/** `team` after its evaluation: once more where the answer was rejected and turns and money are left. */
export const verdictRoute = (again: string, done: string) =>
  new Router(({ candidates, decisions, halted }: State, config) => {
    const accepted = candidates.some(({ check, verdict }) => check?.passed || verdict?.accepted);
    return accepted || halted || decisions.length >= settingsOf(config).maxTurns ? done : again;
  });
