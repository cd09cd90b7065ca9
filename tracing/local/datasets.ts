import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { iso } from "./time.ts";
import { newVersion, versionRoutes } from "./versions.ts";

const Described = {
  description: z.string().nullish(),
  data_type: z.enum(["kv", "llm", "chat"]).nullish(),
  inputs_schema_definition: z.record(z.string(), z.unknown()).nullish(),
  outputs_schema_definition: z.record(z.string(), z.unknown()).nullish(),
  extra: z.record(z.string(), z.unknown()).nullish(),
};
const NewDataset = z.strictObject({ id: z.guid().optional(), name: z.string().min(1), ...Described });
const DatasetUpdate = z.strictObject({
  name: z.string().min(1).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  ...Described,
});

interface DatasetRow {
  id: string;
  name: string;
  created_at: number;
  modified_at: number;
  body: string;
  example_count: number;
  session_count: number;
  last_session: number | null;
}

const selected = `SELECT *,
  (SELECT count(*) FROM examples WHERE dataset_id = datasets.id AND until IS NULL) AS example_count,
  (SELECT count(*) FROM projects WHERE reference_dataset_id = datasets.id) AS session_count,
  (SELECT max(start_time) FROM projects WHERE reference_dataset_id = datasets.id) AS last_session
  FROM datasets`;

/** The dataset of that id must be there: throws Refusal (404). */
export function mustHaveDataset(store: Store, id: string): void {
  if (!store.get("SELECT 1 FROM datasets WHERE id = ?", id))
    throw new Refusal(404, `Dataset not found: ${id}.`);
}

export function datasetRoutes(store: Store): Hono {
  const view = (row: DatasetRow) => {
    const { extra, ...body } = JSON.parse(row.body);
    return {
      id: row.id,
      tenant_id: store.tenant,
      name: row.name,
      description: "",
      data_type: "kv",
      ...body,
      extra,
      metadata: extra?.metadata ?? null,
      created_at: iso(row.created_at),
      modified_at: iso(row.modified_at),
      example_count: row.example_count,
      session_count: row.session_count,
      last_session_start_time: row.last_session === null ? null : iso(row.last_session),
    };
  };
  const find = (id: string): DatasetRow => {
    mustHaveDataset(store, id);
    return store.get<DatasetRow>(`${selected} WHERE id = ?`, id)!;
  };
  const free = (name: string) => {
    if (store.get("SELECT 1 FROM datasets WHERE name = ?", name))
      throw new Refusal(409, `Dataset with this name already exists: ${name}.`);
  };

  return new Hono()
    .post("/", async (c) => {
      const { name, id = randomUUID(), ...body } = await jsonBody(c.req.raw, NewDataset);
      store.write(() => {
        free(name);
        const now = Date.now() * 1000;
        store.run(
          "INSERT INTO datasets (id, name, created_at, modified_at, body) VALUES (?, ?, ?, ?, ?)",
          id,
          name,
          now,
          now,
          JSON.stringify(body),
        );
        newVersion(store, id);
      });
      return c.json(view(find(id)));
    })
    .get("/", (c) => {
      const query = parameters(c, {
        id: "list",
        name: "text",
        name_contains: "text",
        metadata: "text",
        limit: "number",
        offset: "number",
      });
      const rows = store.all<DatasetRow>(
        `${selected}
         WHERE (?1 = '[]' OR id IN (SELECT value FROM json_each(?1)))
           AND (?2 IS NULL OR name = ?2)
           AND (?3 IS NULL OR instr(lower(name), lower(?3)))
           AND (?4 IS NULL OR NOT EXISTS (
             SELECT 1 FROM json_each(?4) AS asked
             WHERE json_extract(body, '$.extra.metadata."' || asked.key || '"') IS NOT asked.value))
         ORDER BY created_at DESC, id LIMIT ?5 OFFSET ?6`,
        JSON.stringify(query.id),
        query.name ?? null,
        query.name_contains ?? null,
        query.metadata ?? null,
        query.limit ?? 100,
        query.offset ?? 0,
      );
      return c.json(rows.map(view));
    })
    .get("/:id", (c) => {
      parameters(c, { limit: "ignored" });
      return c.json(view(find(c.req.param("id"))));
    })
    .patch("/:id", async (c) => {
      const { id } = find(c.req.param("id"));
      const { name, metadata, ...changed } = await jsonBody(c.req.raw, DatasetUpdate);
      store.write(() => {
        const row = find(id);
        if (name && name !== row.name) free(name);
        const { extra, ...body } = { ...JSON.parse(row.body), ...changed };
        store.run(
          "UPDATE datasets SET name = coalesce(?, name), modified_at = ?, body = ? WHERE id = ?",
          name ?? null,
          Date.now() * 1000,
          JSON.stringify({ ...body, extra: metadata ? { ...extra, metadata } : extra }),
          id,
        );
      });
      return c.json(view(find(id)));
    })
    .delete("/:id", (c) => {
      const { id } = find(c.req.param("id"));
      store.write(() => {
        for (const table of ["examples", "versions", "version_tags"])
          store.run(`DELETE FROM ${table} WHERE dataset_id = ?`, id);
        store.run("DELETE FROM datasets WHERE id = ?", id);
      });
      return c.json({});
    })
    .route("/", versionRoutes(store));
}
