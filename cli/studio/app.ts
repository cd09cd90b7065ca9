import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import { refusalOf } from "../../tracing/local/guard.ts";
import { callersAt } from "./callers.ts";
import { folderRoutes } from "./folder-routes.ts";
import { livePage } from "./live-page.ts";
import { promptRoutes } from "./prompt-routes.ts";
import { threadRoutes } from "./thread-routes.ts";

/** The dev server puts its port into PORT before it loads this. */
const callers = callersAt(Number(process.env.PORT));

/**
 * What LangGraph's dev server mounts before its routes (`http.app` in langgraph.json): requests for other hosts, and those
 * of pages other than Studio's and its own, end here, WebSockets included. Requests that the server makes to itself have no
 * host. The local page comes next.
 */
export const app = new Hono()
  .use(async (c, next) => {
    const { headers } = c.req.raw;
    const detail = headers.has("host") ? refusalOf(headers, callers) : null;
    if (detail !== null) return c.json({ detail }, 403);
    return next();
  })
  .route("/", livePage)
  .route("/", folderRoutes)
  .route("/", promptRoutes)
  .route("/", threadRoutes);

// The dev server has one route before the mounted app, which empties its storage: refused requests are led past it.
subscribe("http.server.request.start", (message) => {
  const { request } = message as { request: IncomingMessage };
  const headers = new Headers();
  for (const name of ["host", "origin", "sec-fetch-site"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  if (refusalOf(headers, callers) !== null) request.url = "/refused";
});
