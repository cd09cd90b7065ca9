import { Hono } from "hono";
import { datasetRoutes } from "./datasets.ts";
import { exampleRoutes, platformRoutes } from "./examples.ts";
import { feedbackRoutes } from "./feedback.ts";
import { firstQueryRoutes } from "./first-query.ts";
import { type InfoOptions, infoOf } from "./info.ts";
import { projectRoutes } from "./projects.ts";
import { notBuilt, Refusal } from "./refusal.ts";
import { ingestRoutes, queryRoutes } from "./runs.ts";
import type { Store } from "./store.ts";

export type Handler = (request: Request) => Promise<Response>;

/**
 * LangSmith's API over a store, for what `evaluate()` and curation ask of it with the SDKs of JavaScript and Python. Whatever else is asked is
 * answered with 501 and a sentence.
 */
export function handlerOf(store: Store, offer: InfoOptions = {}): Handler {
  const app = new Hono({ getPath: ({ url }) => pathOf(url) })
    .get("/", (c) => c.text("This is Boardroom's local store. It speaks LangSmith's API, a part of it.\n"))
    .get("/info", (c) => c.json(infoOf(offer)))
    .get("/settings", (c) =>
      c.json({ id: store.tenant, tenant_handle: null, display_name: "Boardroom's local store" }),
    )
    .route("/runs", ingestRoutes(store))
    .route("/runs", firstQueryRoutes(store))
    .route("/api/v2", queryRoutes(store))
    .route("/sessions", projectRoutes(store))
    .route("/feedback", feedbackRoutes(store))
    .route("/datasets", datasetRoutes(store))
    .route("/examples", exampleRoutes(store))
    .route("/v1/platform/datasets", platformRoutes(store));
  app.notFound((c) => {
    const { message, status } = notBuilt(`${c.req.method} ${c.req.path}`);
    return c.json({ detail: message }, status);
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ detail: error.message }, error.status);
    return c.json({ detail: `Boardroom's local store failed: ${error.message}` }, 500);
  });
  return async (request) => app.fetch(request);
}

/** The path without what clients put before it (`/api/v1`) or after it (a slash). */
function pathOf(url: string): string {
  const path = new URL(url).pathname.replace(/^\/api\/v1(?=\/|$)/, "").replace(/(?<=.)\/$/, "");
  return path.startsWith("/platform/") ? `/v1${path}` : path || "/";
}
