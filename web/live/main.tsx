import "../theme/theme.css";
import { show } from "../show.tsx";

show(
  <main>
    <h1>Boardroom</h1>
  </main>,
);
