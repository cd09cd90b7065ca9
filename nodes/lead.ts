import type { Settings } from "../state/settings.ts";
import type { RunningState } from "./node-context.ts";

/** Who would solve first: its model is what a solve is reckoned with. Null before a team is recruited. */
export const leadOf = ({ experts }: Pick<RunningState, "experts">, settings: Settings): string | null =>
  (experts[0] ?? settings.experts?.[0])?.name ?? null;
