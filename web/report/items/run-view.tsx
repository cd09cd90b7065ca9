import type { ItemRun } from "../../../evals/report/report-data.ts";
import { dollars, formatCount, seconds } from "../../figures.ts";
import { Events } from "./events.tsx";
import { Ledger } from "./ledger.tsx";
import { LongText } from "./long-text.tsx";
import { ScoreMark } from "./score-mark.tsx";

/** One run: what came of it, who said what, what it spent where. */
export function RunView({ run }: { run: ItemRun }) {
  const { record, steps } = run;
  return (
    <div className="run">
      <Outcome run={run} />
      {record === null ? (
        <p className="dim">This row came without its discussion.</p>
      ) : (
        <>
          <Team experts={record.experts} />
          <Events record={record} />
          <Ledger steps={steps} transcript={record.transcript} budgetTokens={record.run.budget.tokens} />
        </>
      )}
    </div>
  );
}

function Outcome({ run: { answer, score, status, method, usage, model, error } }: { run: ItemRun }) {
  const facts = [
    status,
    method !== undefined && `scored by: ${method}`,
    formatCount(usage.calls, "call"),
    seconds(usage.wallMs / 1000),
    usage.usd > 0 && dollars(usage.usd),
    model,
  ].filter((fact) => fact !== false);
  return (
    <div className="outcome">
      <div className="answer">
        <ScoreMark score={score} answer={answer} />
        {answer === null ? "no answer" : <LongText text={answer} code />}
      </div>
      <ul className="facts">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {error !== undefined && <p className="problem">{error}</p>}
    </div>
  );
}

function Team({ experts }: Pick<NonNullable<ItemRun["record"]>, "experts">) {
  if (experts.length === 0) return null;
  return (
    <ul className="team" aria-label="Team at the end">
      {experts.map(({ name, expertise }) => (
        <li key={name}>
          <b>{name}</b> {expertise}
        </li>
      ))}
    </ul>
  );
}
