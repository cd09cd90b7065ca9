import type { Utterance } from "../../state/discussion.ts";
import { Thinking } from "./thinking.tsx";

const kinds = { draft: "drafts", revision: "revises", critique: "criticises", message: "says" } as const;

const abstentions = {
  tokens: "had no tokens left to speak",
  usd: "had no dollars left to speak",
  seconds: "had no time left to speak",
  context: "could not speak: the discussion no longer fits its context window",
  unparsable: "gave a reply that could not be read",
  endpoint: "could not be reached",
} as const;

/** One thing that an expert said. */
export function UtteranceView({ utterance, colour }: { utterance: Utterance; colour: string }) {
  const { expert, kind, turn, round, step, text, reasoning, answer, agree, abstained, error } = utterance;
  return (
    <article className="utterance" style={{ borderInlineStartColor: colour }} data-step={step}>
      <header>
        <b>{expert}</b> <span className="dim">{kinds[kind]}</span>
        {agree !== null && <span className={agree ? "good" : "bad"}>{agree ? "agrees" : "objects"}</span>}
        <span className="dim place">
          turn {turn}, round {round}, step {step}
        </span>
      </header>
      {abstained !== null && (
        <p className="bad">
          {expert} {abstentions[abstained]}
          {error ? `: ${error}` : "."}
        </p>
      )}
      <Thinking text={reasoning} />
      {text && <div className="said">{text}</div>}
      {answer !== null && kind !== "critique" && (
        <p className="answer">
          <span className="dim">answer</span> <span className="said">{answer}</span>
        </p>
      )}
    </article>
  );
}
