import { createHash } from "node:crypto";
import { promptHash, promptNames } from "../prompts/index.ts";
import { revision } from "../runtime/revision.ts";
import { promptField, promptOf, type Settings } from "./settings.ts";

/** What makes two runs comparable: the settings without prompts, and the prompts. */
export function hashesOf(settings: Settings) {
  const plain = Object.entries(settings).filter(([name]) => !name.startsWith("prompt"));
  const texts = promptNames.map((name) => (promptField(name) ? promptOf(settings, name) : ""));
  const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { settingsHash: digest(JSON.stringify(plain.sort())), promptHash: promptHash(texts.join("\0")) };
}

/** What the trace of a run says of how it was made. */
export function runVersions(settings: Settings): Record<string, string | null> {
  const { settingsHash, promptHash: prompts } = hashesOf(settings);
  return { boardroom_settings: settingsHash, boardroom_prompts: prompts, boardroom_git: revision() };
}
