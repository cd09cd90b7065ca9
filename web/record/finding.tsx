import type { CandidateRecord } from "../../state/candidate.ts";

/** What a check and the evaluator said of an answer. */
export function Finding({ candidate: { check, verdict } }: { candidate: CandidateRecord }) {
  return (
    <>
      {check && (
        <p className={check.passed === true ? "good" : check.passed === false ? "bad" : "dim"}>
          {check.passed === null ? "own tests: " : "check: "}
          {check.detail}
        </p>
      )}
      {verdict && (
        <p className={verdict.accepted ? "good" : "bad"}>
          {verdict.accepted
            ? "evaluator accepts"
            : verdict.unusable
              ? "the evaluator's verdict could not be read"
              : "evaluator rejects"}
          {verdict.advice && <span className="dim said">: {verdict.advice}</span>}
        </p>
      )}
    </>
  );
}
