import type { State } from "../../../state/state.ts";
import { BurnDown } from "../../record/burn-down.tsx";
import { CandidateList } from "../../record/candidate-list.tsx";
import { DecisionTimeline } from "../../record/decision-timeline.tsx";

interface Props {
  state: State;
  step: number | null;
  choose: (step: number) => void;
}

/** How a run went: its money, its decisions and its answers. */
export function RunCourse({ state, step, choose }: Props) {
  const { run, spend, decisions, transcript, candidates } = state;
  return (
    <>
      {run && (
        <>
          <h2>Money</h2>
          <BurnDown run={run} spend={spend} />
        </>
      )}
      <h2>Decisions</h2>
      <DecisionTimeline decisions={decisions} step={step ?? undefined} choose={choose} />
      <h2>Answers</h2>
      <CandidateList transcript={transcript} candidates={candidates} />
    </>
  );
}
