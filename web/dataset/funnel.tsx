import type { StepCount } from "../../datasets/curate/manifest.ts";
import { Bar } from "../charts/bar.tsx";
import { formatInteger, interval, percent } from "../figures.ts";

const MINUS = "\u2212";

/** For each filter what it let through of what it got, and its reasons. */
export function Funnel({ funnel, read }: { funnel: readonly StepCount[]; read: number }) {
  const ofAll = (n: number) => (read > 0 ? n / read : 0);
  return (
    <table className="funnel">
      <thead>
        <tr>
          <th scope="col">Filter</th>
          <th scope="col">Left</th>
          <th scope="col">Let through, % (95 % interval)</th>
          <th scope="col">Of all, and rejected for</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">read</th>
          <td>{formatInteger(read)}</td>
          <td />
          <td>
            <Bar share={ofAll(read)} colour="var(--accent)" />
          </td>
        </tr>
        {funnel.map(({ step, in: into, out, share, reasons }) => (
          <tr key={step}>
            <th scope="row">{step}</th>
            <td>{formatInteger(out)}</td>
            <td>
              {share === null ? (
                "–"
              ) : (
                <>
                  {percent(share.mean)} <small>{interval(share)}</small>
                </>
              )}
            </td>
            <td>
              <Bar share={ofAll(out)} of={ofAll(into)} colour="var(--accent)" />
              <span className="reasons">
                {Object.entries(reasons)
                  .map(([reason, n]) => `${MINUS}${formatInteger(n)} ${reason}`)
                  .join(", ")}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
