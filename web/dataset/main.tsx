import "../theme/theme.css";
import "./dataset.css";
import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { pageData } from "../page-data.ts";
import { renderPage } from "../render-page.tsx";
import { DatasetPage } from "./dataset-page.tsx";

renderPage(<DatasetPage data={pageData<DatasetPageData>()} />);
