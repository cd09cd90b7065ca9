import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Store, Value } from "./store.ts";
import { iso } from "./time.ts";

/** Feedback as it is sent, alone or as a part of a batch of runs. */
export const Feedback = z.looseObject({
  id: z.guid(),
  run_id: z.guid().nullish(),
  trace_id: z.guid().nullish(),
  session_id: z.guid().nullish(),
  key: z.string(),
  score: z.union([z.number(), z.boolean().transform(Number)]).nullish(),
  value: z.unknown().optional(),
  correction: z.unknown().optional(),
  comment: z.string().nullish(),
  start_time: z.union([z.string(), z.number()]).nullish(),
  feedback_source: z
    .object({ type: z.string(), metadata: z.record(z.string(), z.unknown()).nullish() })
    .nullish(),
});
const FeedbackUpdate = Feedback.pick({ score: true, value: true, correction: true, comment: true }).partial();

interface FeedbackRow {
  body: string;
  created_at: number;
  modified_at: number;
}

/** Keeps feedback by its id: sent twice it is one, and what is new replaces what was. */
export function keepFeedback(store: Store, feedback: z.infer<typeof Feedback>): void {
  const now = Date.now() * 1000;
  const { run_id = null, trace_id = null, session_id = null, score = null, value } = feedback;
  store.run(
    `INSERT INTO feedback (id, run_id, trace_id, session_id, key, score, value, source, created_at, modified_at, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET score = excluded.score, value = excluded.value, body = excluded.body,
       modified_at = excluded.modified_at`,
    feedback.id,
    run_id,
    trace_id,
    session_id,
    feedback.key,
    score,
    plain(value),
    feedback.feedback_source?.type ?? null,
    now,
    now,
    JSON.stringify(feedback),
  );
}

/** A value as filters compare it: text and numbers as they are, the rest as JSON. */
const plain = (value: unknown): Value =>
  value === undefined || value === null
    ? null
    : typeof value === "string" || typeof value === "number"
      ? value
      : JSON.stringify(value);

const view = ({ body, created_at, modified_at }: FeedbackRow) => ({
  run_id: null,
  trace_id: null,
  ...JSON.parse(body),
  created_at: iso(created_at),
  modified_at: iso(modified_at),
});

export function feedbackRoutes(store: Store): Hono {
  const read = (id: string) => {
    const row = store.get<FeedbackRow>("SELECT * FROM feedback WHERE id = ?", id);
    if (!row) throw new Refusal(404, `Feedback ${id} not found.`);
    return view(row);
  };
  return new Hono()
    .post("/", async (c) => {
      const feedback = await jsonBody(c.req.raw, Feedback);
      store.write(() => keepFeedback(store, feedback));
      return c.json(read(feedback.id));
    })
    .get("/", (c) => {
      const { limit, offset, run, key, source } = parameters(c, {
        limit: "number",
        offset: "number",
        run: "list",
        key: "list",
        source: "list",
      });
      const rows = store.all<FeedbackRow>(
        `SELECT * FROM feedback
         WHERE (?1 = '[]' OR run_id IN (SELECT value FROM json_each(?1)))
           AND (?2 = '[]' OR key IN (SELECT value FROM json_each(?2)))
           AND (?3 = '[]' OR source IN (SELECT value FROM json_each(?3)))
         ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5`,
        JSON.stringify(run),
        JSON.stringify(key),
        JSON.stringify(source),
        limit ?? 100,
        offset ?? 0,
      );
      return c.json(rows.map(view));
    })
    .get("/:id", (c) => c.json(read(c.req.param("id"))))
    .patch("/:id", async (c) => {
      const id = c.req.param("id");
      const update = await jsonBody(c.req.raw, FeedbackUpdate);
      store.write(() => keepFeedback(store, Feedback.parse({ ...read(id), ...update })));
      return c.json(read(id));
    })
    .delete("/:id", (c) => {
      read(c.req.param("id"));
      store.write(() => store.run("DELETE FROM feedback WHERE id = ?", c.req.param("id")));
      return c.json({});
    });
}
