import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { formatInteger, intervalInWords, percent } from "../figures.ts";

export function Header({ manifest }: Pick<DatasetPageData, "manifest">) {
  const { source, read, kept, rows, problems, models } = manifest;
  return (
    <header>
      <h1>Curated dataset</h1>
      <ul className="facts">
        <li>
          {formatInteger(kept)} of {formatInteger(read)} {source.kind === "m500" ? "records" : "traces"} kept
        </li>
        {manifest.yield && (
          <li>
            {percent(manifest.yield.mean)} % (95 %: {intervalInWords(manifest.yield)})
          </li>
        )}
        <li>
          {formatInteger(rows.train)} to train on, {formatInteger(rows.validation)} for validation
        </li>
        <li>{formatInteger(problems.train + problems.validation)} problems</li>
        {models.length > 0 && <li>{models.join(", ")}</li>}
      </ul>
    </header>
  );
}
