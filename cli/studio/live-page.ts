import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { packageRoot } from "../../paths.ts";

const folder = join(packageRoot, "dist", "web", "live");

/** The page may talk to this server alone; CodeMirror writes its styles into the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Where a reader can be; LangGraph's own routes answer other methods or deeper paths. */
const places = ["/", "/runs", "/runs/:id", "/compare", "/evaluations", "/datasets"];

/** The local page: one document at every place, and the files that it is made of. */
export const livePage = new Hono();
for (const place of places)
  livePage.get(place, (c) => {
    c.header("Content-Security-Policy", policy);
    c.header("Referrer-Policy", "no-referrer");
    return c.html(readFileSync(join(folder, "index.html"), "utf8"));
  });
livePage.use(
  "/web/*",
  serveStatic({
    root: folder,
    rewriteRequestPath: (path) => path.slice("/web".length),
    // The names of files hold a hash of what is in them.
    onFound: (_path, c) => c.header("Cache-Control", "public, max-age=31536000, immutable"),
  }),
);
