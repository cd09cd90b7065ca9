import type { PauseRequest } from "../../../state/pause.ts";
import type { State } from "../../../state/state.ts";

/** What someone is saying at this moment. */
export interface Speaking {
  node: string;
  expert: string | null;
  text: string;
}

/** A thread as the page shows it. */
export interface RunView {
  phase: "loading" | "running" | "waiting" | "done" | "broken" | "missing";
  state: State | null;
  /** The nodes that work now. */
  active: readonly string[];
  speaking: readonly Speaking[];
  /** What a person is asked, where the run waits for one. */
  pause: PauseRequest | null;
  error: string | null;
  assistantId: string | null;
  runId: string | null;
  /** The settings that the last run was given. */
  context: Record<string, unknown>;
  /** The thread that this one changed something of. */
  before: string | null;
}

export const unknownRun: RunView = {
  phase: "loading",
  state: null,
  active: [],
  speaking: [],
  pause: null,
  error: null,
  assistantId: null,
  runId: null,
  context: {},
  before: null,
};
