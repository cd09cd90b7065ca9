import { promptHash } from "../prompts/index.ts";
import { hashesOf } from "../state/hashes.ts";
import type { Settings } from "../state/settings.ts";

/** What makes rollouts comparable. Those that a judge had a part in are not comparable with others. */
export function hashesFor(settings: Settings, judge: string | undefined): ReturnType<typeof hashesOf> {
  const hashes = hashesOf(settings);
  return judge === undefined
    ? hashes
    : { ...hashes, settingsHash: promptHash(`${hashes.settingsHash}\0${judge}`) };
}
