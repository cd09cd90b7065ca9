import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { changeExamples, type ExampleContent } from "./example-rows.ts";
import { parameters } from "./parameters.ts";
import type { Store } from "./store.ts";
import { atVersion, versionAt } from "./versions.ts";

/* An example's splits stand in its metadata, as `dataset_split`; without any it is in `base`. */

const Names = z.array(z.string()).catch(["base"]);
export const splitsOf = ({ dataset_split }: Record<string, unknown>): string[] => Names.parse(dataset_split);

/** The content with other splits. */
export const withSplits = (
  content: ExampleContent,
  change: (splits: string[]) => string[],
): ExampleContent => ({
  ...content,
  metadata: { ...content.metadata, dataset_split: [...new Set(change(splitsOf(content.metadata)))] },
});

const Operations = z.strictObject({
  example_ids: z.array(z.guid()),
  operations: z.array(
    z.strictObject({
      key: z.literal("dataset_split"),
      operation: z
        .string()
        .toLowerCase()
        .pipe(z.enum(["array_add", "array_remove"])),
      values: z.array(z.string()),
    }),
  ),
});
/** The older form of the same, which clients fall back to. */
const Legacy = z.strictObject({
  split_name: z.string(),
  examples: z.array(z.guid()),
  remove: z.boolean().default(false),
});

function change(store: Store, dataset: string, ids: string[], names: string[], remove: boolean): number {
  const changed = (content: ExampleContent) =>
    withSplits(content, (splits) =>
      remove ? splits.filter((name) => !names.includes(name)) : [...splits, ...names],
    );
  return changeExamples(
    store,
    dataset,
    ids.map((id) => ({ id, changed })),
  );
}

export function splitRoutes(store: Store): Hono {
  return new Hono()
    .get("/:id/splits", (c) => {
      const { as_of } = parameters(c, { as_of: "text" });
      const id = c.req.param("id");
      const rows = store.all<{ metadata: string }>(
        `SELECT metadata FROM examples WHERE ${atVersion} AND dataset_id = ?2`,
        versionAt(store, id, as_of),
        id,
      );
      return c.json([...new Set(rows.flatMap(({ metadata }) => splitsOf(JSON.parse(metadata))))].sort());
    })
    .put("/:id/splits", async (c) => {
      const { split_name, examples, remove } = await jsonBody(c.req.raw, Legacy);
      store.write(() => change(store, c.req.param("id"), examples, [split_name], remove));
      return c.json({});
    });
}

/** `PATCH /v1/platform/datasets/{id}/examples/metadata`, by which clients since 0.12 change splits. */
export function splitUpdateRoutes(store: Store): Hono {
  return new Hono().patch("/:id/examples/metadata", async (c) => {
    const { example_ids, operations } = await jsonBody(c.req.raw, Operations);
    const counts = store.write(() =>
      operations.map(({ operation, values }) =>
        change(store, c.req.param("id"), example_ids, values, operation === "array_remove"),
      ),
    );
    return c.json({ count: Math.max(0, ...counts) });
  });
}
