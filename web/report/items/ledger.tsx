import type { ItemRun } from "../../../evals/report/report-data.ts";
import type { RunRecord } from "../../../state/record.ts";
import { formatInteger } from "../../figures.ts";
import { ledgerRows } from "./ledger-rows.ts";
import { ScoreMark } from "./score-mark.tsx";

interface Props {
  steps: ItemRun["steps"];
  transcript: RunRecord["transcript"];
  /** Of the run. */
  budgetTokens: number;
}

const share = (tokens: number, all: number) => `${(100 * tokens) / all}%`;

/** Cumulative tokens by step: each bar begins where the one before it ended. */
export function Ledger({ steps, transcript, budgetTokens }: Props) {
  const rows = ledgerRows(steps);
  const all = rows.at(-1)?.tokens ?? 0;
  if (all === 0) return null;
  const speakers = (step: number) =>
    transcript.filter((said) => said.step === step).map(({ expert }) => expert);
  return (
    <table className="ledger">
      <caption>
        Ledger: {formatInteger(all)} of {formatInteger(budgetTokens)} tokens,{" "}
        {Math.round((100 * all) / budgetTokens)} %. On the right, the answer where it changed.
      </caption>
      <tbody>
        {rows.map(({ step, node, from, tokens, became }) => (
          <tr key={step}>
            <th scope="row">
              {step} {node} <small>{speakers(step).join(", ")}</small>
            </th>
            <td className="bars">
              <span className="before" style={{ width: share(from, all) }} />
              <span className={`spent node-${node}`} style={{ width: share(tokens - from, all) }} />
            </td>
            <td className="number">{formatInteger(tokens)}</td>
            <td className="then">
              {became && (
                <>
                  <ScoreMark {...became} /> {became.answer}
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
