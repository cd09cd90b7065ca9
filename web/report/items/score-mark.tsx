import type { ItemRun } from "../../../evals/report/report-data.ts";

/** Right, wrong, or a partial score in percent; unanswered and unscored have signs of their own. */
export function ScoreMark({ score, answer }: Pick<ItemRun, "score" | "answer">) {
  const [kind, sign, name] = signOf(score, answer !== null);
  return (
    <span className={`mark ${kind}`} role="img" aria-label={name} title={name}>
      {sign}
    </span>
  );
}

function signOf(score: number | null, answered: boolean): [kind: string, sign: string, name: string] {
  if (!answered) return ["none", "–", "no answer"];
  if (score === null) return ["none", "?", "unscored"];
  if (score >= 1) return ["right", "✓", "right"];
  const share = `${Math.round(100 * score)}`;
  return score > 0 ? ["part", share, `${share} %`] : ["wrong", "✗", "wrong"];
}
