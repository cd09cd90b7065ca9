import { z } from "zod";
import { checked, jsonParts } from "./body.ts";
import { Feedback, keepFeedback } from "./feedback.ts";
import { mergeJson } from "./merge-json.ts";
import { projectNamed } from "./projects.ts";
import { notBuilt } from "./refusal.ts";
import type { Store, Value } from "./store.ts";
import { micros } from "./time.ts";
import { usageOf } from "./usage.ts";

const Time = z.union([z.string(), z.number()]).nullish();

/** A run as it is sent, without the fields that multipart sends as parts of their own. */
const SentRun = z.object({
  id: z.guid(),
  name: z.string().nullish(),
  run_type: z.string().nullish(),
  start_time: Time,
  end_time: Time,
  trace_id: z.guid().nullish(),
  parent_run_id: z.guid().nullish(),
  dotted_order: z.string().nullish(),
  session_name: z.string().nullish(),
  session_id: z.guid().nullish(),
  reference_example_id: z.guid().nullish(),
  tags: z.array(z.string()).nullish(),
});
const Extra = z.record(z.string(), z.unknown()).nullish();
export const RunPayload = SentRun.extend({
  inputs: z.unknown().optional(),
  outputs: z.unknown().optional(),
  events: z.unknown().optional(),
  /** The class that the run came from: known, and not kept. */
  serialized: z.unknown().optional(),
  extra: Extra,
  error: z.string().nullish(),
});
export type RunPayload = z.infer<typeof RunPayload>;

/** One `post` (a run begins, or all of it) or `patch` (more of it) of a run, the large fields as JSON text. */
interface RunChange {
  kind: "post" | "patch";
  run: z.infer<typeof SentRun>;
  extra?: z.infer<typeof Extra>;
  error?: string | null;
  outputs?: unknown;
  json: Partial<Record<JsonField, string>>;
}
const jsonFields = ["inputs", "outputs", "events"] as const;
type JsonField = (typeof jsonFields)[number];

/** A change out of a run that was sent as one JSON object. */
export function runChangeOf(kind: RunChange["kind"], whole: RunPayload): RunChange {
  const json: RunChange["json"] = {};
  for (const field of jsonFields)
    if (whole[field] !== undefined && whole[field] !== null) json[field] = JSON.stringify(whole[field]);
  return { kind, run: whole, extra: whole.extra, error: whole.error, outputs: whole.outputs, json };
}

/** `POST /runs/multipart`: keeps runs and feedback in one transaction. Attachments of runs are not kept. */
export async function ingestMultipart(store: Store, request: Request): Promise<void> {
  const changes = new Map<string, RunChange>();
  const feedback: z.infer<typeof Feedback>[] = [];
  const { parts } = await jsonParts(request);
  for (const { name, value, json } of parts) {
    const [kind, id, field] = name.split(".");
    if (kind === "feedback") feedback.push(checked(Feedback, value, `the part ${name}`));
    else if (kind !== "post" && kind !== "patch") throw notBuilt(`the part ${name} of POST /runs/multipart`);
    else if (!field) {
      const run = checked(SentRun, { id, ...(value as object) }, `the part ${name}`);
      changes.set(`${kind}.${id}`, { ...changes.get(`${kind}.${id}`), kind, run, json: {} });
    } else {
      const change = changes.get(`${kind}.${id}`);
      // The clients send a run's own part first.
      if (!change) throw notBuilt(`the part ${name} of POST /runs/multipart before ${kind}.${id}`);
      if (value === null || field === "serialized") continue;
      if (field === "extra") change.extra = checked(Extra, value, `the part ${name}`);
      else if (field === "error") change.error = checked(z.string(), value, `the part ${name}`);
      else {
        change.json[checked(z.enum(jsonFields), field, `the part ${name}`)] = json;
        if (field === "outputs") change.outputs = value;
      }
    }
  }
  keepRuns(store, [...changes.values()], feedback);
}

/** Posts first, whatever the order in which they came: a patch adds to a run that is there. */
export function keepRuns(
  store: Store,
  changes: RunChange[],
  feedback: z.infer<typeof Feedback>[] = [],
): void {
  const rows = ["post", "patch"].flatMap((kind) => changes.filter((change) => change.kind === kind));
  store.write(() => {
    const projects = new Map<string, number>();
    const projectOf = (name: string): number => {
      const key = projects.get(name) ?? projectNamed(store, name);
      projects.set(name, key);
      return key;
    };
    for (const change of rows) keepRun(store, change, projectOf);
    for (const one of feedback) keepFeedback(store, one);
  });
}

const columns = [
  "id",
  "project",
  "trace_id",
  "parent_run_id",
  "name",
  "run_type",
  "start_time",
  "end_time",
  "dotted_order",
  "reference_example_id",
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "total_cost",
  "error",
  "tags",
  "metadata",
  "extra",
  ...jsonFields,
] as const;

/** Merges by id. A patch wins over what is there; a post, which may come late, only fills what is missing. */
const upsert = (kind: RunChange["kind"]): string => {
  const kept = columns.slice(1).map((name) => {
    const old = `runs.${name}`;
    const sent = `excluded.${name}`;
    // These were merged with what is there before.
    const first = kind === "patch" || name === "metadata" || name === "extra" ? [sent, old] : [old, sent];
    return `${name} = coalesce(${first.join(", ")})`;
  });
  return `INSERT INTO runs (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT (id) DO UPDATE SET ${kept.join(", ")}`;
};
const upserts = { post: upsert("post"), patch: upsert("patch") };

function keepRun(store: Store, change: RunChange, projectOf: (name: string) => number): void {
  const { run, kind, json } = change;
  const { metadata, runtime: _, ...extra } = wholeExtra(store, change);
  const usage = usageOf(metadata, change.outputs);
  const input = usage?.input_tokens ?? null;
  const output = usage?.output_tokens ?? null;
  const values: Record<(typeof columns)[number], Value> = {
    id: run.id,
    project: projectKey(store, change, projectOf),
    trace_id: run.trace_id ?? null,
    parent_run_id: run.parent_run_id ?? null,
    name: run.name ?? null,
    run_type: run.run_type ?? null,
    start_time: micros(run.start_time),
    end_time: micros(run.end_time),
    dotted_order: run.dotted_order ?? null,
    reference_example_id: run.reference_example_id ?? null,
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: usage?.total_tokens ?? (input !== null && output !== null ? input + output : null),
    total_cost: usage?.total_cost ?? null,
    error: change.error ?? null,
    tags: run.tags ? JSON.stringify(run.tags) : null,
    metadata: metadata ? JSON.stringify(metadata) : null,
    extra: Object.keys(extra).length > 0 ? JSON.stringify(extra) : null,
    inputs: json.inputs ?? null,
    outputs: json.outputs ?? null,
    events: json.events && !saysTimesAlone(json.events) ? json.events : null,
  };
  store.run(upserts[kind], ...columns.map((name) => values[name]));
}

/** Of LangChain's events a beginning, an end and an error repeat the run's own fields. */
const saysTimesAlone = (events: string): boolean =>
  [...events.matchAll(/"name":\s*"([^"]*)"/g)].every(([, name]) => /^(?:start|end|error)$/.test(name!)) &&
  !events.includes("kwargs");

/** `extra` as sent, merged with what an earlier batch brought. */
function wholeExtra(store: Store, { kind, run, extra }: RunChange): Record<string, unknown> {
  if (!extra) return {};
  const row = store.get<{ metadata: string | null; extra: string | null }>(
    "SELECT metadata, extra FROM runs WHERE id = ?",
    run.id,
  );
  if (!row) return extra;
  const there: Record<string, unknown> = JSON.parse(row.extra ?? "{}");
  if (row.metadata) there.metadata = JSON.parse(row.metadata);
  return (kind === "patch" ? mergeJson(there, extra) : mergeJson(extra, there)) as Record<string, unknown>;
}

function projectKey(
  store: Store,
  { kind, run }: RunChange,
  projectOf: (name: string) => number,
): number | null {
  if (run.session_id) {
    const row = store.get<{ key: number }>("SELECT key FROM projects WHERE id = ?", run.session_id);
    if (row) return row.key;
  }
  if (run.session_name) return projectOf(run.session_name);
  return kind === "post" ? projectOf("default") : null;
}
