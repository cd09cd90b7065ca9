import { Hono } from "hono";
import { z } from "zod";
import { checked, jsonBody, jsonParts } from "./body.ts";
import { mustHaveDataset } from "./datasets.ts";
import {
  addExamples,
  changeExamples,
  contentOf,
  currentExample,
  type ExampleRow,
  removeExamples,
} from "./example-rows.ts";
import { parameters } from "./parameters.ts";
import { notBuilt, Refusal } from "./refusal.ts";
import { splitsOf, withSplits } from "./splits.ts";
import type { Store } from "./store.ts";
import { iso, micros } from "./time.ts";
import { atVersion, versionAt } from "./versions.ts";

const Split = z.union([z.string().transform((name) => [name]), z.array(z.string())]);
/** The part of an example that is named by its id alone; inputs and outputs are parts of their own. */
const Sent = z.strictObject({
  created_at: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  split: Split.nullish(),
  source_run_id: z.guid().nullish(),
  use_source_run_io: z.literal(false).nullish(),
  use_source_run_attachments: z.array(z.string()).max(0).nullish(),
});
interface SentExample {
  id: string;
  sent: z.infer<typeof Sent>;
  inputs?: unknown;
  outputs?: unknown;
}

async function sentExamples(request: Request): Promise<SentExample[]> {
  const { parts, attachments } = await jsonParts(request);
  if (attachments.length) throw notBuilt(`attachments of examples (${attachments[0]})`);
  const examples = new Map<string, SentExample>();
  for (const { name, value } of parts) {
    const [id = "", field] = name.split(".");
    const example = examples.get(id) ?? { id: checked(z.guid(), id, `the part ${name}`), sent: {} };
    if (!field) example.sent = checked(Sent, value, `the part ${name}`);
    else if (field === "inputs" || field === "outputs") example[field] = value;
    else throw notBuilt(`the part ${name} of an example`);
    examples.set(id, example);
  }
  return [...examples.values()];
}

const view = (row: ExampleRow) => ({
  id: row.id,
  dataset_id: row.dataset_id,
  ...contentOf(row),
  source_run_id: row.source_run_id,
  created_at: iso(row.created_at),
  modified_at: iso(row.since),
});

/** Examples are written here, many at a time. */
export function platformRoutes(store: Store): Hono {
  return new Hono()
    .post("/:id/examples", async (c) => {
      const dataset = c.req.param("id");
      mustHaveDataset(store, dataset);
      const examples = await sentExamples(c.req.raw);
      store.write(() =>
        addExamples(
          store,
          dataset,
          examples.map(({ id, sent, inputs = {}, outputs = null }) => ({
            id,
            inputs,
            outputs,
            metadata: { ...sent.metadata, dataset_split: sent.split ?? splitsOf(sent.metadata ?? {}) },
            source_run_id: sent.source_run_id ?? null,
            created_at: micros(sent.created_at),
          })),
        ),
      );
      const as_of = iso(versionAt(store, dataset, "latest"));
      return c.json({ count: examples.length, example_ids: examples.map(({ id }) => id), as_of }, 201);
    })
    .patch("/:id/examples", async (c) => {
      const dataset = c.req.param("id");
      mustHaveDataset(store, dataset);
      const examples = await sentExamples(c.req.raw);
      store.write(() =>
        changeExamples(
          store,
          dataset,
          examples.map(({ id, sent, inputs, outputs }) => ({
            id,
            changed: (content) =>
              withSplits(
                {
                  inputs: inputs ?? content.inputs,
                  outputs: outputs ?? content.outputs,
                  metadata: sent.metadata
                    ? { dataset_split: splitsOf(content.metadata), ...sent.metadata }
                    : content.metadata,
                },
                (splits) => sent.split ?? splits,
              ),
          })),
        ),
      );
      return c.json({ count: examples.length, example_ids: examples.map(({ id }) => id) });
    })
    .post("/examples/delete", async (c) => {
      const Removal = z.strictObject({ example_ids: z.array(z.guid()), hard_delete: z.boolean() });
      const { example_ids, hard_delete } = await jsonBody(c.req.raw, Removal);
      store.write(() => removeExamples(store, example_ids, hard_delete));
      return c.json({ count: example_ids.length });
    });
}

export function exampleRoutes(store: Store): Hono {
  return new Hono()
    .get("/", (c) => {
      const { dataset, as_of, id, metadata, limit, offset } = parameters(c, {
        dataset: "text",
        as_of: "text",
        inline_s3_urls: "ignored",
        id: "list",
        metadata: "text",
        limit: "number",
        offset: "number",
      });
      if (!dataset) throw new Refusal(422, "Name the dataset.");
      mustHaveDataset(store, dataset);
      const rows = store.all<ExampleRow>(
        `SELECT * FROM examples WHERE ${atVersion} AND dataset_id = ?2
           AND (?3 = '[]' OR id IN (SELECT value FROM json_each(?3)))
           AND (?4 IS NULL OR NOT EXISTS (
             SELECT 1 FROM json_each(?4) AS asked
             WHERE json_extract(metadata, '$."' || asked.key || '"') IS NOT asked.value))
         ORDER BY place LIMIT ?5 OFFSET ?6`,
        versionAt(store, dataset, as_of),
        dataset,
        JSON.stringify(id),
        metadata ?? null,
        limit ?? 100,
        offset ?? 0,
      );
      return c.json(rows.map(view));
    })
    .get("/:id", (c) => {
      const row = currentExample(store, c.req.param("id"));
      if (!row) throw new Refusal(404, `Example ${c.req.param("id")} not found.`);
      return c.json(view(row));
    })
    .delete("/", (c) => {
      const { example_ids } = parameters(c, { example_ids: "list" });
      store.write(() => removeExamples(store, example_ids));
      return c.json({});
    })
    .delete("/:id", (c) => {
      store.write(() => removeExamples(store, [c.req.param("id")]));
      return c.json({});
    });
}
