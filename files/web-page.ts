import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../paths.ts";

const place = '<script type="application/json" id="data"></script>';

/**
 * A page that is one file (web/report, web/dataset), with its data inside: built by `npm run build`, read from dist/web.
 * `later` are texts in base64 that the page looks up when it needs them, by name: they stand at its end, so that it shows
 * before they are read. Throws where the page is not built.
 */
export function webPage(
  name: "report" | "dataset",
  data: unknown,
  later: ReadonlyMap<string, string> = new Map(),
  built = join(packageRoot, "dist", "web"),
): string {
  const page = builtPage(name, built).replace(place, () =>
    place.replace("></", () => `>${jsonInScript(data)}</`),
  );
  const end = page.lastIndexOf("</body>");
  const texts = [...later].map(([id, text]) => `<script type="text/plain" id="${id}">${text}</script>\n`);
  return `${page.slice(0, end)}${texts.join("")}${page.slice(end)}`;
}

function builtPage(name: string, built: string): string {
  try {
    return readFileSync(join(built, `${name}.html`), "utf8");
  } catch {
    throw new Error(
      `the ${name} page cannot be written: its part of Boardroom is not built. Run "npm run build" and then the same command again; nothing is lost.`,
    );
  }
}

/** Inside a script element only `<` could end the data; U+2028 and U+2029 end a line for old readers of JSON. */
const jsonInScript = (data: unknown): string =>
  JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
