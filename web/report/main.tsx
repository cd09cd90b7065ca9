import "../theme/theme.css";
import "./report.css";
import type { ReportData } from "../../evals/report/report-data.ts";
import { pageData } from "../page-data.ts";
import { show } from "../show.tsx";
import { Report } from "./report.tsx";

show(<Report data={pageData<ReportData>()} />);
