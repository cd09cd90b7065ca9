import "../theme/theme.css";
import "./report.css";
import type { ReportData } from "../../evals/report/report-data.ts";
import { pageData } from "../page-data.ts";
import { renderPage } from "../render-page.tsx";
import { Report } from "./report.tsx";

renderPage(<Report data={pageData<ReportData>()} />);
