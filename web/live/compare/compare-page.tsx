import { Link, useSearchParams } from "wouter";
import { EarlierMessages } from "../../record/earlier-messages.tsx";
import { planText } from "../../record/plan-text.ts";
import { RunFacts } from "../run/run-facts.tsx";
import type { RunView } from "../run/run-view.ts";
import { useRun } from "../run/use-run.ts";
import { alignedUtterances } from "./aligned.ts";
import { WordDiff } from "./word-diff.tsx";
import "./compare.css";

/** Two runs side by side, word by word: `/compare?a=ID&b=ID`. */
export function ComparePage() {
  const [search] = useSearchParams();
  const a = search.get("a");
  const b = search.get("b");
  if (!a || !b)
    return (
      <main id="content" className="plain">
        <h1>Compare</h1>
        <p>
          <Link href="/runs">Choose two runs.</Link>
        </p>
      </main>
    );
  return <Comparison key={`${a} ${b}`} a={a} b={b} />;
}

function Comparison({ a, b }: { a: string; b: string }) {
  const { run: one } = useRun(a);
  const { run: other } = useRun(b);
  return (
    <main id="content" className="compare">
      <h1>{one.state?.task?.question ?? "Two runs"}</h1>
      <EarlierMessages context={one.state?.task?.context} />
      <div className="pair">
        <Column id={a} run={one} name="A" />
        <Column id={b} run={other} name="B" />
      </div>
      <ChangedSettings one={one} other={other} />
      <h2>Decisions</h2>
      <Decisions one={one} other={other} />
      <h2>Discussion</h2>
      {alignedUtterances(one.state?.transcript ?? [], other.state?.transcript ?? []).map(({ key, a, b }) => (
        <div className="pair" key={key}>
          <UtteranceDiff utterance={a} words={[a?.text ?? "", b?.text ?? ""]} side="before" />
          <UtteranceDiff utterance={b} words={[a?.text ?? "", b?.text ?? ""]} side="after" />
        </div>
      ))}
    </main>
  );
}

function Column({ id, run, name }: { id: string; run: RunView; name: string }) {
  return (
    <section className="column">
      <h2>
        Run {name} <Link href={`/runs/${id}`}>open it</Link>
      </h2>
      <RunFacts run={run} />
      {run.error && <p className="bad">{run.error}</p>}
    </section>
  );
}

interface Pair {
  one: RunView;
  other: RunView;
}

function ChangedSettings({ one, other }: Pair) {
  const keys = [...new Set([...Object.keys(one.context), ...Object.keys(other.context)])];
  const changed = keys.filter((key) => one.context[key] !== other.context[key]);
  if (changed.length === 0) return null;
  const text = (value: unknown) => (value === undefined || value === null ? "default" : String(value));
  return (
    <details open={changed.every((key) => !key.startsWith("prompt"))}>
      <summary>Settings that differ: {changed.join(", ")}</summary>
      {changed.map((key) => (
        <div key={key}>
          <b>{key}</b>
          <div className="said prompt-diff">
            {one.context[key] === undefined || other.context[key] === undefined ? (
              text(other.context[key] ?? one.context[key])
            ) : (
              <WordDiff before={text(one.context[key])} after={text(other.context[key])} side="both" />
            )}
          </div>
        </div>
      ))}
    </details>
  );
}

function Decisions({ one, other }: Pair) {
  const a = one.state?.decisions ?? [];
  const b = other.state?.decisions ?? [];
  const words = (decision: (typeof a)[number] | undefined) =>
    decision
      ? [planText(decision.applied), decision.applied.direction, decision.reason].filter(Boolean).join("\n")
      : "";
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => {
    const [before, after] = [words(a[at]), words(b[at])];
    return (
      <div className="pair" key={a[at]?.id ?? b[at]?.id}>
        <p className="said">
          <WordDiff before={before} after={after} side="before" />
        </p>
        <p className="said">
          <WordDiff before={before} after={after} side="after" />
        </p>
      </div>
    );
  });
}

interface UtteranceDiffProps {
  utterance: { expert: string; kind: string; round: number } | null;
  words: [before: string, after: string];
  side: "before" | "after";
}

function UtteranceDiff({ utterance, words: [before, after], side }: UtteranceDiffProps) {
  if (!utterance) return <div className="dim nothing">nothing here</div>;
  return (
    <article className="column">
      <header>
        <b>{utterance.expert}</b>{" "}
        <span className="dim">
          {utterance.kind}, round {utterance.round}
        </span>
      </header>
      <div className="said">
        <WordDiff before={before} after={after} side={side} />
      </div>
    </article>
  );
}
