import type { Mode } from "../../state/run-info.ts";
import { modeColour } from "./modes.ts";

export function ModeSwatch({ mode }: { mode: Mode }) {
  return <span className="swatch" style={{ background: modeColour(mode) }} />;
}
