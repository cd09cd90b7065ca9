import { createHash } from "node:crypto";
import { promptHash, promptNames } from "../prompts/index.ts";
import { promptOf, type Settings } from "./settings.ts";

/** What makes two runs comparable: the settings without prompts, and the prompts. */
export function hashesOf(settings: Settings): { settingsHash: string; promptHash: string } {
  const known = hashes.get(settings);
  if (known) return known;

  const plain = Object.entries(settings).filter(([name]) => !name.startsWith("prompt"));
  const texts = promptNames.map((name) => promptOf(settings, name));
  const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
  const made = {
    settingsHash: digest(JSON.stringify(plain.sort())),
    promptHash: promptHash(texts.join("\0")),
  };
  hashes.set(settings, made);
  return made;
}

/** Every node of a run is given the same settings object. */
const hashes = new WeakMap<Settings, { settingsHash: string; promptHash: string }>();
