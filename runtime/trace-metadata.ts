import { hashesOf } from "../state/hashes.ts";
import type { Mode } from "../state/run-info.ts";
import type { Settings } from "../state/settings.ts";
import { revision } from "./revision.ts";

/** What the root of a run's trace says of how it was made; `boardroom_run` is the run's id in its state and journal. */
export function traceMetadata(
  { mode, runId }: { mode: Mode; runId: string },
  settings: Settings,
): Record<string, string | null> {
  const { settingsHash, promptHash } = hashesOf(settings);
  return {
    boardroom_mode: mode,
    boardroom_run: runId,
    boardroom_settings: settingsHash,
    boardroom_prompts: promptHash,
    boardroom_git: revision(),
  };
}
