export type { Estimate } from "./stats/estimate.ts";

import { keyOf } from "./records.ts";
import { anytimeCurve } from "./summary/anytime.ts";
import { byMode, latestSteps, maxOf } from "./summary/group.ts";
import { judgeSpend } from "./summary/judge.ts";
import { publishedMarks, runMarks } from "./summary/marks.ts";
import { modeSummary } from "./summary/mode.ts";
import { notesOf } from "./summary/notes.ts";
import { positionsOf } from "./summary/positions.ts";
import { ceoConfidence, evaluatorVerdict } from "./summary/reliability.ts";
import type { Summary, SummaryInput } from "./summary/shape.ts";

export type * from "./summary/shape.ts";

/** The numbers behind summary.json and report.html: of the same rows the same numbers. */
export function summarize(input: SummaryInput): Summary {
  const { benchmark, origin, attempts, comparisons = [] } = input;
  const groups = byMode(input.results);
  const steps = latestSteps(input.steps);
  const solo = groups.find(({ mode }) => mode === "solo");
  const lasts = groups.flatMap(({ scored }) =>
    scored.map((row) => steps.get(keyOf(row))?.at(-1)?.tokens ?? 0),
  );
  const end = maxOf(lasts);
  return {
    benchmark,
    madeAt: new Date().toISOString(),
    origin,
    modes: groups.map((group) => modeSummary(group, solo, attempts)),
    positions: positionsOf(groups),
    reliability: groups.flatMap((group) => [
      ...ceoConfidence(group, steps),
      ...evaluatorVerdict(group, steps),
    ]),
    anytime: groups.flatMap((group) => anytimeCurve(group, steps, end)),
    marks: [
      ...comparisons.flatMap((rows) => runMarks(benchmark, rows, groups)),
      ...(origin === "samples" ? [] : publishedMarks(benchmark)),
    ],
    judge: judgeSpend(input.verdicts ?? []),
    notes: notesOf(input, groups),
  };
}
