import type { ItemRun } from "../../../evals/report/report-data.ts";
import type { CandidateRecord } from "../../../state/candidate.ts";
import type { Decision } from "../../../state/decision.ts";
import { DecisionView } from "../../record/decision-timeline.tsx";
import { expertColour, speakersOf } from "../../record/expert-colour.ts";
import { Finding } from "../../record/finding.tsx";
import { UtteranceView } from "../../record/utterance.tsx";
import "../../record/record.css";

type Record = NonNullable<ItemRun["record"]>;

/** Decisions and what was said, in the order of steps; below an answer what was found out about it. */
export function Events({ record }: { record: Record }) {
  const { decisions, transcript, candidates } = record;
  const speakers = speakersOf(transcript);
  const found = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const events = [
    ...decisions.map((decision) => ({ decision, step: decision.step })),
    ...transcript.map((utterance) => ({ utterance, step: utterance.step })),
  ].sort((a, b) => a.step - b.step);
  return (
    <ol className="events">
      {events.map((event) =>
        "decision" in event ? (
          <li key={event.decision.id}>
            <DecisionEvent decision={event.decision} />
          </li>
        ) : (
          <li key={event.utterance.id} className={event.utterance.kind}>
            <UtteranceView
              utterance={event.utterance}
              colour={expertColour(speakers, event.utterance.expert)}
            />
            <FindingOf candidate={found.get(event.utterance.id)} />
          </li>
        ),
      )}
    </ol>
  );
}

const FindingOf = ({ candidate }: { candidate: CandidateRecord | undefined }) =>
  candidate && <Finding candidate={candidate} />;

function DecisionEvent({ decision }: { decision: Decision }) {
  const { asked, applied, step } = decision;
  return (
    <article className="decision">
      <header>
        <b>{asked ? "CEO" : "Rule"}</b>
        {asked && <span className="dim">confidence {applied.confidence}</span>}
        <span className="dim place">step {step}</span>
      </header>
      <DecisionView decision={decision} />
    </article>
  );
}
