import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../paths.ts";

const place = '<script type="application/json" id="data"></script>';

/** A page that is one file (web/report, web/dataset), with its data inside: built by `npm run build`, read from dist/web. */
export function webPage(name: "report" | "dataset", data: unknown): string {
  const page = readFileSync(join(packageRoot, "dist", "web", `${name}.html`), "utf8");
  // Inside a script element only `<` could end the data.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return page.replace(place, () => place.replace("></", () => `>${json}</`));
}
