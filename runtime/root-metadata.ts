import { CallbackManager, type Callbacks } from "@langchain/core/callbacks/manager";
import { hashesOf } from "../state/hashes.ts";
import type { Settings } from "../state/settings.ts";
import { revision } from "./revision.ts";

/** What the root of a run's trace says of how it was made. */
export function rootMetadata(settings: Settings): Record<string, string | null> {
  const { settingsHash, promptHash } = hashesOf(settings);
  return { boardroom_settings: settingsHash, boardroom_prompts: promptHash, boardroom_git: revision() };
}

/**
 * Callbacks that say this of the first run under them, and not again of each run below it. None where nobody listens:
 * LangChain would copy an empty manager for each of them.
 */
export const withRootMetadata = async (
  callbacks: Callbacks | undefined,
  metadata: Record<string, unknown>,
): Promise<Callbacks | undefined> => {
  const listeners = Array.isArray(callbacks) && callbacks.length === 0 ? undefined : callbacks;
  return CallbackManager.configure(listeners, undefined, undefined, undefined, undefined, metadata);
};
