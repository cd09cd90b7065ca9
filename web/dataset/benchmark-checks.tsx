import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { formatCount, formatInteger } from "../figures.ts";

/** Whether rows may hold a benchmark's items, and how hard their problems are. */
export function BenchmarkChecks({ manifest }: Pick<DatasetPageData, "manifest">) {
  const {
    benchmarks: { checked, unchecked, flagged },
    difficulty,
  } = manifest;
  const names = checked.map(
    ({ benchmark, items, whole: all }) =>
      `${benchmark} (${formatCount(items, "item")}${all ? "" : ", a part of it"})`,
  );
  return (
    <ul className="notes">
      <li>Checked against {names.length === 0 ? "none" : names.join(", ")}.</li>
      {unchecked.map(({ benchmark, why }) => (
        <li key={benchmark} className="bad">
          <b>Not checked: {benchmark}.</b> {why}
        </li>
      ))}
      <li>{formatInteger(flagged)} kept rows share 8 words in a row with a benchmark and carry a flag.</li>
      <li>
        Lone solvers tried the problems of {formatInteger(difficulty.known)} kept rows; of{" "}
        {formatInteger(difficulty.unknown)} nobody knows how hard they are.
      </li>
    </ul>
  );
}
