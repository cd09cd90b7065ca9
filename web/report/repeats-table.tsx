import type { ModeSummary } from "../../evals/summary.ts";
import { percent } from "../figures.ts";
import { ModeName, severalModels } from "./mode-name.tsx";

/** Modes whose problems were done more than once, with scores of 0 or 1. */
export const repeatedModes = (modes: readonly ModeSummary[]): ModeSummary[] =>
  modes.filter(({ passAt, repeats }) => passAt && repeats > 1);

/** pass@k and majority@k. */
export function RepeatsTable({ modes }: { modes: readonly ModeSummary[] }) {
  const ks = [...new Set(modes.flatMap(({ passAt }) => (passAt ?? []).map(({ k }) => k)))].sort(
    (a, b) => a - b,
  );
  const columns = (["pass", "majority"] as const).flatMap((kind) =>
    ks.map((k) => ({
      name: `${kind}@${k}`,
      of: (mode: ModeSummary) => mode[`${kind}At`]?.find((each) => each.k === k)?.value,
    })),
  );
  return (
    <>
      <p>
        Share of problems, in percent, with a right answer among k rollouts (pass), and with the right answer
        as the most frequent of k (majority).
      </p>
      <table className="cards narrow">
        <thead>
          <tr>
            <th scope="col">Mode</th>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {modes.map((mode) => (
            <tr key={`${mode.mode} ${mode.model}`}>
              <ModeName of={mode} withModel={severalModels(modes)} />
              {columns.map(({ name, of }) => {
                const share = of(mode);
                return (
                  <td key={name} data-label={name}>
                    {share === undefined ? "–" : percent(share)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
