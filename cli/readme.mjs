// Puts the picture of the graph, drawn by the graph itself, into the README.
import { readFileSync, writeFileSync } from "node:fs";
import { ensureBuilt } from "./build.mjs";

ensureBuilt();
const { graph } = await import("../dist/graphs/ceo.js");
const picture = (await graph.getGraphAsync()).drawMermaid();
const file = new URL("../README.md", import.meta.url);
const marked = /(<!-- graph -->\n)[\s\S]*?(<!-- \/graph -->)/;
writeFileSync(
  file,
  readFileSync(file, "utf8").replace(
    marked,
    (_, open, close) => `${open}\`\`\`mermaid\n${picture}\`\`\`\n${close}`,
  ),
);
