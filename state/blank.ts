import type { State } from "./state.ts";

/** What a run knows before its first step. */
export const blankState = (): Omit<State, "task" | "messages" | "run"> => ({
  experts: [],
  decisions: [],
  transcript: [],
  candidates: [],
  next: null,
  pause: null,
  reviews: [],
  spend: [],
  elapsed: 0,
  halted: null,
  status: "running",
  answer: null,
});
