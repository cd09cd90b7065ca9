import "../theme/theme.css";
import type { Summary } from "../../evals/summary.ts";
import { pageData } from "../page-data.ts";
import { show } from "../show.tsx";

/** What evals/report/write.ts puts into the page. */
interface ReportData {
  summary: Summary;
}

const { summary } = pageData<ReportData>();
show(
  <main>
    <h1>{summary.benchmark}</h1>
  </main>,
);
