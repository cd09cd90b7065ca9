import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { redactJson } from "../../secrets.ts";
import { filesOf } from "../files.ts";
import { AttemptRow, ResultRow, StepRow, VerdictRow } from "../records.ts";
import { readRows } from "../row-file.ts";
import { type Summary, summarize } from "../summary.ts";
import { reportHtml } from "./report-html.ts";

interface Written {
  out: string;
  benchmark: string;
  origin: string;
  planned: number;
  /** Folders of evaluations at other budgets. */
  compare: string[];
}

/** Writes summary.json and report.html from all rows of the folder. */
export function writeReport({ out, benchmark, origin, planned, compare }: Written): Summary {
  const files = filesOf(out);
  const results = readRows(files.results, ResultRow);
  const steps = readRows(files.steps, StepRow);
  const summary = redactJson(
    summarize({
      benchmark,
      origin,
      planned,
      results,
      steps,
      attempts: readRows(files.attempts, AttemptRow),
      verdicts: readRows(files.judge, VerdictRow),
      comparisons: compare.map((folder) => readRows(filesOf(resolve(folder)).results, ResultRow)),
    }),
  );
  writeFileSync(join(out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  writeFileSync(join(out, "report.html"), reportHtml(summary, redactJson(results), redactJson(steps)));
  return summary;
}
