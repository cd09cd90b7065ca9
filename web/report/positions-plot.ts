import { barY, type PlotOptions, ruleY, text } from "@observablehq/plot";
import type { Summary } from "../../evals/summary.ts";
import type { Mode } from "../../state/run-info.ts";
import { modeColour } from "../charts/modes.ts";

export type Position = NonNullable<Summary["positions"]>[number];

/** For each letter how often it is gold (outline) and answered (bar), and how often right when gold. */
export function positionsPlot(mode: Mode, letters: readonly Position[]): PlotOptions {
  return {
    marginLeft: 0,
    marginRight: 0,
    marginTop: 28,
    x: { label: null, tickSize: 0, padding: 0.24 },
    y: { axis: null },
    marks: [
      barY(letters, { x: "letter", y: "answered", fill: modeColour(mode), fillOpacity: 0.75, inset: 5 }),
      barY(letters, { x: "letter", y: "gold", fill: "none", stroke: "var(--dim)" }),
      ruleY([0], { stroke: "var(--rule)" }),
      text(letters, {
        x: "letter",
        y: ({ gold, answered }: Position) => Math.max(gold, answered),
        text: ({ gold, right }: Position) => (gold > 0 ? `${Math.round((100 * right) / gold)} %` : ""),
        dy: -10,
      }),
    ],
  };
}
