import { type FormEvent, useState } from "react";
import type { AnswerInput, PauseRequest } from "../../../state/pause.ts";
import { tokens } from "../../record/figures.ts";
import { PlanFields } from "../fork/plan-fields.tsx";
import { type AnswerForm, answerFrom, initialAnswer, messageFields } from "./answer-from.ts";
import { TeamFields } from "./team-fields.tsx";
import "./pause.css";

interface Props {
  request: PauseRequest;
  /** An answer is on its way. */
  sending: boolean;
  answer: (answer: AnswerInput) => void;
}

/** A run that waits for a person: to approve, to change, to say something, or to stop it. */
export function PausePanel({ request, sending, answer }: Props) {
  const { at, question, actions, spent, next, limit, problem } = request;
  const [filled, setFilled] = useState<AnswerForm>(() => initialAnswer(request));
  const fill = (part: Partial<AnswerForm>) => setFilled((before) => ({ ...before, ...part }));
  const made = answerFrom(request, filled);
  const send = (event: FormEvent) => {
    event.preventDefault();
    answer(made);
  };
  return (
    <form className="pause" onSubmit={send} aria-label="The run waits for you">
      <p>
        <b>{question}</b>
      </p>
      {problem && (
        <p className="bad" role="alert">
          {problem}
        </p>
      )}
      <p className="dim">
        {tokens(spent)} tokens spent
        {next !== null && `, at most ${tokens(next)} more in the next step`}
        {limit !== null && `, you are asked from ${tokens(limit)} on`}.
      </p>
      {filled.plan && <PlanFields plan={filled.plan} actions={actions} change={(plan) => fill({ plan })} />}
      {at === "recruit" && <TeamFields team={filled.experts} change={(experts) => fill({ experts })} />}
      {at === "spend" && (
        <label>
          Ask me again beyond so many tokens (empty: not again){" "}
          <input
            type="number"
            min={1}
            value={filled.pauseTokens}
            onChange={({ target }) => fill({ pauseTokens: target.value })}
          />
        </label>
      )}
      <label>
        Say something to the team
        <textarea
          rows={2}
          value={filled.message}
          onChange={({ target }) => fill({ message: target.value })}
        />
      </label>
      <label>
        Your name{" "}
        <input
          value={filled.by}
          placeholder="user"
          maxLength={80}
          onChange={({ target }) => fill({ by: target.value })}
        />
      </label>
      <div className="row">
        <button type="submit" className="primary" disabled={sending}>
          {made.type === "change" ? "Go on with the change" : "Approve"}
        </button>
        <button
          type="button"
          disabled={sending}
          onClick={() => answer({ type: "stop", ...messageFields(filled) })}
        >
          Stop the run
        </button>
      </div>
    </form>
  );
}
