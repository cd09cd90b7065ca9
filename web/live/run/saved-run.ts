import type { SavedRun } from "../../../cli/studio/thread-routes.ts";
import { fetchJson } from "../server/client.ts";
import type { RunView } from "./run-view.ts";
import { shownState } from "./shown-state.ts";

/** The server's threads are named by UUIDs; the command line's by the time, or as a person called them. */
export const mayBeOfServer = (threadId: string): boolean =>
  /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(threadId);

/** A thread of the command line, as far as its newest checkpoint goes. Throws where there is none. */
export async function savedRun(threadId: string): Promise<Partial<RunView>> {
  const { mode, settings, phase, state } = await fetchJson<SavedRun>(
    `/boardroom/threads/${encodeURIComponent(threadId)}`,
  );
  return { kept: true, assistantId: mode, context: settings, phase, state: shownState(state) };
}
