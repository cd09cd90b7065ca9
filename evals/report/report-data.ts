import type { RunRecord } from "../../state/record.ts";
import type { Task } from "../../state/task.ts";
import type { ResultRow, StepRow } from "../records.ts";
import type { Estimate } from "../stats/estimate.ts";
import type { Reliability, Summary } from "../summary.ts";

/** What report.html holds, and web/report shows. */
export interface ReportData {
  summary: Omit<Summary, "reliability">;
  reliability: ReliabilityCurve[];
  /** In the order of the evaluation. */
  items: Item[];
}

/** A bin's `accuracy` with its interval (Wilson); only bins that hold answers. */
export interface ReliabilityCurve extends Omit<Reliability, "bins"> {
  bins: (Reliability["bins"][number] & { right: Estimate })[];
}

/** One line of the item list. */
export interface Item {
  id: string;
  /** The beginning of the question. */
  title: string;
  runs: RunLine[];
  /** By what name the page's end holds its ItemRecord: JSON, compressed with gzip, in base64; null: left out. */
  record: string | null;
}

export interface RunLine extends Pick<ResultRow, "mode" | "repeat" | "score"> {
  /** Its beginning, where it is long. */
  answer: string | null;
  /** All that the run took, calls of unknown cost at their reservation. */
  tokens: number;
}

/** What an item shows when it is opened. */
export interface ItemRecord {
  /** Null where no row holds a record. */
  task: Task | null;
  /** The letter that is right, of an item with choices. */
  gold: string | null;
  runs: ItemRun[];
}

export interface ItemRun
  extends Pick<ResultRow, "mode" | "repeat" | "answer" | "score" | "status" | "error" | "model" | "method"> {
  usage: Pick<ResultRow["usage"], "calls" | "usd" | "wallMs">;
  /** Null where the row holds none. */
  record: Omit<RunRecord, "task"> | null;
  steps: Pick<StepRow, "superstep" | "node" | "expert" | "answer" | "score" | "tokens">[];
}
