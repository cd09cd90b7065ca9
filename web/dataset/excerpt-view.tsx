import type { Excerpt } from "../../datasets/curate/excerpts.ts";

/** A row to read, and why it was rejected. */
export function ExcerptView({ excerpt }: { excerpt: Excerpt }) {
  const { title, question, solution, answer, facts, lastReply, rejection } = excerpt;
  return (
    <article className={rejection ? "excerpt rejected" : "excerpt kept"}>
      <h4>{title}</h4>
      {rejection && (
        <p className="why">
          <b>
            {rejection.step}: {rejection.reason}
          </b>
          {rejection.detail && ` – ${rejection.detail}`}
        </p>
      )}
      {facts.length > 0 && <p className="dim">{facts.join(" · ")}</p>}
      {question ? <p className="text">{question}</p> : <p className="dim">The text is not shown.</p>}
      {answer && (
        <p>
          <span className="dim">answer</span> {answer} <span className="dim">reference</span>{" "}
          {solution || "–"}
        </p>
      )}
      {lastReply && (
        <details>
          <summary>The last solution</summary>
          <pre>{lastReply}</pre>
        </details>
      )}
    </article>
  );
}
