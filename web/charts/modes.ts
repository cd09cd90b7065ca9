import type { Mode } from "../../state/run-info.ts";

/** Modes are told apart by colour and, for who sees no colours, by the dashes of their lines. */
export const modeColour = (mode: Mode | null): string => (mode ? `var(--${mode})` : "var(--dim)");

export const modeDashes: Record<Mode, string | undefined> = {
  ceo: undefined,
  team: "9 4",
  vote: "2 3",
  solo: "9 3 2 3",
};
