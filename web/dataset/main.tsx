import "../theme/theme.css";
import type { Manifest } from "../../datasets/curate/manifest.ts";
import { pageData } from "../page-data.ts";
import { show } from "../show.tsx";

/** What datasets/curate/page.ts puts into the page. */
interface DatasetData {
  manifest: Manifest;
}

const { manifest } = pageData<DatasetData>();
show(
  <main>
    <h1>Curated dataset</h1>
    <p className="dim">{manifest.kept} kept</p>
  </main>,
);
