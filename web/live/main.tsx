import "../theme/theme.css";
import "../record/record.css";
import "./live.css";
import { show } from "../show.tsx";
import { App } from "./app.tsx";

show(<App />);
