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
  /** Of the assistant that was asked, or of a graph by its name. */
  assistantId: string | null;
  runId: string | null;
  /** The settings that the last run was given. */
  context: Record<string, unknown>;
  /** Whether it is a thread of the command line, which this page only reads. */
  kept: boolean;
  /** The thread that this one changed something of. */
  before: string | null;
}

/** A run's phase, where its status does not say more. */
export const phaseWords = {
  loading: "loading",
  running: "running",
  waiting: "waiting for you",
  broken: "broke off",
  missing: "not there",
} as const;

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
  kept: false,
  before: null,
};
