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

const ASK = "ask a person";
const asks = ({ pause }: State) => pause !== null && !pause.answered;

/** Where the last decision leads, once a person has seen it where one wants to. */
export const decisionRoute = new Router((state: State) =>
  asks(state) ? ASK : labels[state.decisions.at(-1)!.applied.action],
);

/** The same for a fixed plan. */
export const planRoute = <Label extends string>(label: Label) =>
  new Router((state: State) => (asks(state) ? ASK : label));

const goOn = { ceo: "as answered", plan: "as answered", discuss: "go on" } as const;

/** Back to the node that had asked, unless the person stopped the run. */
export const humanRoute = new Router(({ reviews, pause }: State) =>
  reviews.at(-1)?.type === "stop" ? "stop" : goOn[pause!.from],
);

/** A Send for each speaker; `done` when nobody speaks. */
export const speakerRoute = (done: string) =>
  new Router((state: State) => {
    const { next } = state;
    if (asks(state)) return ASK;
    return next === null || next.node === "done"
      ? done
      : next.speakers.map((expert) => new Send(next.node, { expert }));
  });

/** `team` after its evaluation: once more where the answer was rejected and turns and money are left. */
export const verdictRoute = (again: string, done: string) =>
  new Router(({ candidates, decisions, halted }: State, config) => {
    const accepted = candidates.some(({ check, verdict }) => check?.passed || verdict?.accepted);
    return accepted || halted || decisions.length >= settingsOf(config).maxTurns ? done : again;
  });
