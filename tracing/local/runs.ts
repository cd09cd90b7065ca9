import { Hono } from "hono";
import { z } from "zod";
import { checked, jsonBody } from "./body.ts";
import { ingestMultipart, keepRuns, RunPayload, runChangeOf } from "./ingest.ts";
import { parameters } from "./parameters.ts";
import { queryRuns, RunsQuery } from "./query.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { listTrace, queryTraces, TracesQuery } from "./traces.ts";
import { isField, runsOf } from "./view.ts";

const Batch = z.strictObject({
  post: z.array(RunPayload).nullish(),
  patch: z.array(RunPayload).nullish(),
});

/** How runs come in: in batches as clients queue them, or one by one. */
export function ingestRoutes(store: Store): Hono {
  return new Hono()
    .post("/multipart", async (c) => {
      await ingestMultipart(store, c.req.raw);
      return c.json({}, 202);
    })
    .post("/batch", async (c) => {
      const { post, patch } = await jsonBody(c.req.raw, Batch);
      keepRuns(store, [
        ...(post ?? []).map((run) => runChangeOf("post", run)),
        ...(patch ?? []).map((run) => runChangeOf("patch", run)),
      ]);
      return c.json({}, 202);
    })
    .post("/", async (c) => {
      keepRuns(store, [runChangeOf("post", await jsonBody(c.req.raw, RunPayload))]);
      return c.json({}, 202);
    })
    .patch("/:id", async (c) => {
      const run = await jsonBody(c.req.raw, RunPayload.partial({ id: true }));
      const id = checked(z.guid(), c.req.param("id"), "the id of the run");
      keepRuns(store, [runChangeOf("patch", { ...run, id })]);
      return c.json({}, 202);
    });
}

/** How runs are read: LangSmith's second API. */
export function queryRoutes(store: Store): Hono {
  return new Hono()
    .post("/runs/query", async (c) => c.json(queryRuns(store, await jsonBody(c.req.raw, RunsQuery))))
    .post("/traces/query", async (c) => c.json(queryTraces(store, await jsonBody(c.req.raw, TracesQuery))))
    .get("/runs/:id", (c) => {
      const id = c.req.param("id");
      const { project_id, selects } = parameters(c, {
        project_id: "text",
        selects: "list",
        start_time: "ignored",
      });
      const row = store.get<{ key: number }>(
        "SELECT key FROM runs WHERE id = ? AND project = (SELECT key FROM projects WHERE id = ?)",
        id,
        named(project_id),
      );
      if (!row) throw new Refusal(404, `Run ${id} not found in project ${project_id}.`);
      return c.json(runsOf(store, [row.key], known(selects))[0]!);
    })
    .get("/traces/:id/runs", (c) => {
      const query = parameters(c, {
        project_id: "text",
        selects: "list",
        filter: "text",
        min_start_time: "text",
        max_start_time: "text",
      });
      return c.json(
        listTrace(store, c.req.param("id"), {
          project: named(query.project_id),
          filter: query.filter,
          selects: known(query.selects),
          min: query.min_start_time,
          max: query.max_start_time,
        }),
      );
    });
}

function named(project: string | undefined): string {
  if (!project) throw new Refusal(422, "Name the project_id.");
  return project;
}

function known(selects: string[]): string[] {
  const strange = selects.find((name) => !isField(name));
  if (strange) throw new Refusal(422, `${strange} is not a field of a run.`);
  return selects;
}
