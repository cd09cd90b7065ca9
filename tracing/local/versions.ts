import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { iso, micros } from "./time.ts";

/*
 * Every change of a dataset makes a version of it, named by its time. Versions are whole milliseconds apart, because
 * clients put them through JavaScript's Date. Old rows of examples stay, so that each version can be read again.
 */

/** Begins a new version of the dataset and returns its time. Call it inside of a transaction. */
export function newVersion(store: Store, dataset: string): number {
  const last = store.get<{ as_of: number | null }>(
    "SELECT max(as_of) AS as_of FROM versions WHERE dataset_id = ?",
    dataset,
  );
  const as_of = Math.max(Date.now() * 1000, (last?.as_of ?? 0) + 1000);
  store.run("INSERT INTO versions (dataset_id, as_of) VALUES (?, ?)", dataset, as_of);
  store.run("UPDATE datasets SET modified_at = ? WHERE id = ?", as_of, dataset);
  return as_of;
}

/** The version that a tag names, or the newest one that is not after a time; without either, the newest. */
export function versionAt(store: Store, dataset: string, name: string | undefined): number {
  const tagged =
    name !== undefined &&
    store.get<{ as_of: number }>(
      "SELECT as_of FROM version_tags WHERE dataset_id = ? AND tag = ?",
      dataset,
      name,
    );
  if (tagged) return tagged.as_of;
  const newest = name === undefined || name === "latest";
  const until = newest ? Number.MAX_SAFE_INTEGER : micros(name);
  if (until === null)
    throw new Refusal(404, `Dataset version ${name} not found: it is neither a tag nor a time.`);
  const found = store.get<{ as_of: number | null }>(
    "SELECT max(as_of) AS as_of FROM versions WHERE dataset_id = ? AND as_of <= ?",
    dataset,
    until,
  );
  if (!found?.as_of) throw new Refusal(404, `Dataset version ${name ?? "latest"} not found.`);
  return found.as_of;
}

/** The condition on rows of `examples` that makes them those of a version; its one value is the version's time. */
export const atVersion = "since <= ?1 AND (until IS NULL OR until > ?1)";

const Tagging = z.strictObject({ as_of: z.string(), tag: z.string().min(1) });

export function versionRoutes(store: Store): Hono {
  const view = (dataset: string, as_of: number) => {
    const tags = store.all<{ tag: string }>(
      "SELECT tag FROM version_tags WHERE dataset_id = ? AND as_of = ? ORDER BY tag",
      dataset,
      as_of,
    );
    const latest = versionAt(store, dataset, "latest") === as_of ? ["latest"] : [];
    return { as_of: iso(as_of), tags: [...latest, ...tags.map(({ tag }) => tag)] };
  };
  return new Hono()
    .get("/:id/version", (c) => {
      const { as_of, tag } = parameters(c, { as_of: "text", tag: "text" });
      const id = c.req.param("id");
      return c.json(view(id, versionAt(store, id, tag ?? as_of)));
    })
    .get("/:id/versions", (c) => {
      const { limit, offset } = parameters(c, { limit: "number", offset: "number" });
      const id = c.req.param("id");
      const rows = store.all<{ as_of: number }>(
        "SELECT as_of FROM versions WHERE dataset_id = ? ORDER BY as_of DESC LIMIT ? OFFSET ?",
        id,
        limit ?? 100,
        offset ?? 0,
      );
      return c.json(rows.map(({ as_of }) => view(id, as_of)));
    })
    .put("/:id/tags", async (c) => {
      const id = c.req.param("id");
      const { as_of, tag } = await jsonBody(c.req.raw, Tagging);
      if (tag === "latest") throw new Refusal(422, "The tag latest moves by itself.");
      const version = versionAt(store, id, as_of);
      store.write(() =>
        store.run(
          `INSERT INTO version_tags (dataset_id, tag, as_of) VALUES (?, ?, ?)
           ON CONFLICT (dataset_id, tag) DO UPDATE SET as_of = excluded.as_of`,
          id,
          tag,
          version,
        ),
      );
      return c.json(view(id, version));
    });
}
