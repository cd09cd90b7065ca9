import "../theme/theme.css";
import "./dataset.css";
import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { pageData } from "../page-data.ts";
import { show } from "../show.tsx";
import { DatasetPage } from "./dataset-page.tsx";

show(<DatasetPage data={pageData<DatasetPageData>()} />);
