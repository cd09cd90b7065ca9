import { candidatesOf } from "../../state/candidate.ts";
import type { RunRecord } from "../../state/record.ts";
import { Finding } from "./finding.tsx";

/** Every answer that was given, with what was found out about it. */
export function CandidateList({ transcript, candidates }: Pick<RunRecord, "transcript" | "candidates">) {
  const all = candidatesOf({ transcript, candidates });
  if (all.length === 0) return <p className="dim">No answer yet.</p>;
  return (
    <ul className="candidates">
      {all.map((candidate) => (
        <li key={candidate.id}>
          <div className="said answer">{candidate.answer}</div>
          <span className="dim">
            {candidate.expert}, step {candidate.step}
          </span>
          <Finding candidate={candidate} />
        </li>
      ))}
    </ul>
  );
}
