import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { mergeJson } from "./merge-json.ts";
import { parameters } from "./parameters.ts";
import { notBuilt, Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { iso, isoOrNull, micros } from "./time.ts";

/*
 * Projects, which LangSmith's API calls sessions. An experiment is a project with a reference dataset.
 */

const Extra = z.record(z.string(), z.unknown());
const Counts = {
  num_examples: z.number().nullish(),
  num_repetitions: z.number().nullish(),
  evaluator_keys: z.array(z.string()).nullish(),
};
const NewProject = z.strictObject({
  id: z.guid().optional(),
  name: z.string().min(1),
  description: z.string().nullish(),
  extra: Extra.nullish(),
  start_time: z.string().nullish(),
  reference_dataset_id: z.guid().nullish(),
  ...Counts,
});
const ProjectUpdate = z.strictObject({
  name: z.string().min(1).nullish(),
  description: z.string().nullish(),
  extra: Extra.nullish(),
  end_time: z.string().nullish(),
  ...Counts,
});

interface ProjectRow {
  key: number;
  id: string;
  name: string;
  start_time: number;
  end_time: number | null;
  reference_dataset_id: string | null;
  description: string | null;
  extra: string;
  counts: string;
}

/** The key of the project of that name, which is made where it is missing. Call it inside of a transaction. */
export function projectNamed(store: Store, name: string): number {
  const find = () => store.get<{ key: number }>("SELECT key FROM projects WHERE name = ?", name)?.key;
  const key = find();
  if (key !== undefined) return key;
  store.run(
    "INSERT INTO projects (id, name, start_time) VALUES (?, ?, ?)",
    randomUUID(),
    name,
    Date.now() * 1000,
  );
  return find()!;
}

export function projectRoutes(store: Store): Hono {
  const view = (row: ProjectRow) => ({
    id: row.id,
    tenant_id: store.tenant,
    name: row.name,
    start_time: iso(row.start_time),
    end_time: isoOrNull(row.end_time),
    description: row.description,
    extra: JSON.parse(row.extra),
    reference_dataset_id: row.reference_dataset_id,
    ...JSON.parse(row.counts),
  });
  const find = (id: string): ProjectRow => {
    const row = store.get<ProjectRow>("SELECT * FROM projects WHERE id = ?", id);
    if (!row) throw new Refusal(404, `Project ${id} not found.`);
    return row;
  };
  const free = (name: string) => {
    if (store.get("SELECT 1 FROM projects WHERE name = ?", name))
      throw new Refusal(409, `A project named ${name} exists already.`);
  };

  return new Hono()
    .post("/", async (c) => {
      const { upsert } = parameters(c, { upsert: "text" });
      const body = await jsonBody(c.req.raw, NewProject);
      const {
        name,
        description,
        extra,
        reference_dataset_id,
        start_time,
        id = randomUUID(),
        ...counts
      } = body;
      const made = store.write(() => {
        const there = store.get<ProjectRow>("SELECT * FROM projects WHERE name = ?", name);
        if (there && upsert === "true") return there;
        free(name);
        store.run(
          `INSERT INTO projects (id, name, start_time, reference_dataset_id, description, extra, counts)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          id,
          name,
          micros(start_time) ?? Date.now() * 1000,
          reference_dataset_id ?? null,
          description ?? null,
          JSON.stringify(extra ?? {}),
          JSON.stringify(counts),
        );
        return find(id);
      });
      return c.json(view(made));
    })
    .get("/", (c) => {
      const query = parameters(c, {
        id: "list",
        name: "text",
        name_contains: "text",
        reference_dataset: "text",
        reference_free: "text",
        metadata: "text",
        include_stats: "text",
        limit: "number",
        offset: "number",
      });
      if (query.include_stats === "true") throw notBuilt("include_stats=true of GET /sessions");
      const rows = store.all<ProjectRow>(
        `SELECT * FROM projects
         WHERE (?1 = '[]' OR id IN (SELECT value FROM json_each(?1)))
           AND (?2 IS NULL OR name = ?2)
           AND (?3 IS NULL OR instr(lower(name), lower(?3)))
           AND (?4 IS NULL OR reference_dataset_id = ?4)
           AND (?5 IS NULL OR (reference_dataset_id IS NULL) = (?5 = 'true'))
           AND (?6 IS NULL OR NOT EXISTS (
             SELECT 1 FROM json_each(?6) AS asked
             WHERE json_extract(extra, '$.metadata."' || asked.key || '"') IS NOT asked.value))
         ORDER BY start_time DESC, key DESC LIMIT ?7 OFFSET ?8`,
        JSON.stringify(query.id),
        query.name ?? null,
        query.name_contains ?? null,
        query.reference_dataset ?? null,
        query.reference_free ?? null,
        query.metadata ?? null,
        query.limit ?? 100,
        query.offset ?? 0,
      );
      return c.json(rows.map(view));
    })
    .get("/:id", (c) => {
      const { include_stats } = parameters(c, { include_stats: "text" });
      if (include_stats === "true") throw notBuilt("include_stats=true of GET /sessions/{id}");
      return c.json(view(find(c.req.param("id"))));
    })
    .patch("/:id", async (c) => {
      const { id } = find(c.req.param("id"));
      const { name, description, extra, end_time, ...counts } = await jsonBody(c.req.raw, ProjectUpdate);
      store.write(() => {
        const row = find(id);
        if (name && name !== row.name) free(name);
        store.run(
          `UPDATE projects SET name = coalesce(?, name), description = coalesce(?, description), extra = ?,
             end_time = coalesce(?, end_time), counts = ? WHERE key = ?`,
          name ?? null,
          description ?? null,
          JSON.stringify({ ...JSON.parse(row.extra), ...extra }),
          micros(end_time),
          JSON.stringify(mergeJson(JSON.parse(row.counts), counts)),
          row.key,
        );
      });
      return c.json(view(find(id)));
    })
    .delete("/:id", (c) => {
      const { key, id } = find(c.req.param("id"));
      store.write(() => {
        store.run("DELETE FROM feedback WHERE run_id IN (SELECT id FROM runs WHERE project = ?)", key);
        store.run("DELETE FROM feedback WHERE session_id = ?", id);
        store.run("DELETE FROM runs WHERE project = ?", key);
        store.run("DELETE FROM projects WHERE key = ?", key);
      });
      return c.json({});
    });
}
