import "../theme/theme.css";
import "../record/record.css";
import "./live.css";
import { renderPage } from "../render-page.tsx";
import { App } from "./app.tsx";

renderPage(<App />);
