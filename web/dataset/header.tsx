import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { intervalInWords, percent, whole } from "../figures.ts";

export function Header({ manifest }: Pick<DatasetPageData, "manifest">) {
  const { source, read, kept, rows, problems, models } = manifest;
  return (
    <header>
      <h1>Curated dataset</h1>
      <ul className="facts">
        <li>
          {whole(kept)} of {whole(read)} {source.kind === "m500" ? "records" : "traces"} kept
        </li>
        {manifest.yield && (
          <li>
            {percent(manifest.yield.mean)} % (95 %: {intervalInWords(manifest.yield)})
          </li>
        )}
        <li>
          {whole(rows.train)} to train on, {whole(rows.validation)} for validation
        </li>
        <li>{whole(problems.train + problems.validation)} problems</li>
        {models.length > 0 && <li>{models.join(", ")}</li>}
      </ul>
    </header>
  );
}
