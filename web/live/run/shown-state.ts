import { blankState } from "../../../state/blank.ts";
import type { State } from "../../../state/state.ts";

/** The values of a thread, where they hold a question: a thread that has just begun has no more. */
export function shownState(values: Partial<State> | null | undefined): State | null {
  if (!values?.task) return null;
  return {
    ...blankState(),
    run: null,
    messages: [],
    ...values,
  };
}
