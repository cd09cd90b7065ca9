import { Link } from "wouter";
import { tokens as inWords } from "../../record/figures.ts";
import type { RunSummary } from "./run-summary.ts";
import "./runs.css";

interface LineProps {
  run: RunSummary;
  /** Whether it is chosen for comparison; left out where nothing is chosen. */
  chosen?: boolean;
  toggle?: () => void;
}

/** A run in a line: what was asked, and how it stands. */
export function RunLine({ run, chosen, toggle }: LineProps) {
  const { id, question, mode, status, tokens, answer, at, problem } = run;
  return (
    <li>
      {toggle && (
        <input
          type="checkbox"
          checked={chosen ?? false}
          disabled={problem !== undefined}
          onChange={toggle}
          aria-label={`Compare: ${question}`}
        />
      )}
      <div>
        {problem === undefined ? <Link href={`/runs/${id}`}>{question}</Link> : question}
        {problem === undefined ? (
          <p className="dim">
            {[mode, status, `${inWords(tokens)} tokens`, new Date(at).toLocaleString()]
              .filter(Boolean)
              .join(" · ")}
          </p>
        ) : (
          <p className="bad">{problem}</p>
        )}
      </div>
      <span className="said answer">{answer}</span>
    </li>
  );
}
