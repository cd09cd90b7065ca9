import type { RunRecord } from "../../state/record.ts";
import { BurnDown } from "./burn-down.tsx";
import { CandidateList } from "./candidate-list.tsx";
import { DecisionTimeline } from "./decision-timeline.tsx";
import { Discussion } from "./discussion.tsx";
import "./record.css";

/** One run from top to bottom: its decisions, its discussion, its answers and its money. */
export function RecordView({ record }: { record: RunRecord }) {
  return (
    <>
      <BurnDown run={record.run} spend={record.spend} />
      <DecisionTimeline decisions={record.decisions} />
      <Discussion transcript={record.transcript} />
      <CandidateList transcript={record.transcript} candidates={record.candidates} />
    </>
  );
}
