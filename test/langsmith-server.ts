/**
 * A STAND-IN FOR TESTS ONLY: as much of LangSmith's API as an upload of an evaluation asks for, kept in memory. What it
 * does not know it answers with 501, and notes, so that a test can see that nothing else was asked.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

type Json = Record<string, unknown>;

export interface LangSmithServer {
  url: string;
  datasets: Json[];
  examples: Map<string, Json>;
  sessions: Json[];
  runs: Map<string, Json>;
  feedback: Json[];
  /** Requests that were not understood. */
  unknown: string[];
  close(): void;
}

const info = {
  version: "0.16.20",
  instance_flags: {
    dataset_examples_multipart_enabled: true,
    gzip_body_enabled: true,
    sdb_query_enabled: true,
  },
  batch_ingest_config: { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 },
};

export async function langsmithServer(): Promise<LangSmithServer> {
  const datasets: Json[] = [];
  const examples = new Map<string, Json>();
  const sessions: Json[] = [];
  const runs = new Map<string, Json>();
  const feedback: Json[] = [];
  const unknown: string[] = [];
  const now = new Date().toISOString();

  async function answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${url.pathname.replace(/^\/(api\/)?v1/, "")}`;
    const raw = await buffer(request);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const json = (): Json => JSON.parse(body.toString() || "{}");
    const id = route.split("/").at(-1)!;
    const byName = (list: Json[]) => list.filter(({ name }) => name === url.searchParams.get("name"));

    if (route === "GET /info") return [200, info];
    if (route === "GET /datasets") return [200, byName(datasets)];
    if (route === "POST /datasets") {
      datasets.push({ id: randomUUID(), created_at: now, modified_at: now, example_count: 0, ...json() });
      return [200, datasets.at(-1)];
    }
    if (/^GET \/datasets\/[^/]+$/.test(route)) return [200, datasets.find((dataset) => dataset.id === id)];
    if (route === "GET /examples") {
      const dataset = url.searchParams.get("dataset");
      const all = [...examples.values()].filter(({ dataset_id }) => dataset_id === dataset);
      const offset = Number(url.searchParams.get("offset") ?? 0);
      return [200, all.slice(offset, offset + Number(url.searchParams.get("limit") ?? 100))];
    }
    if (/^GET \/examples\//.test(route)) return [200, examples.get(id)];
    if (/^POST \/platform\/datasets\/[^/]+\/examples$/.test(route)) {
      const dataset = route.split("/")[3];
      const made = new Set<string>();
      for (const [name, value] of await parts(body, request)) {
        const [example = "", field] = name.split(".");
        made.add(example);
        const kept = examples.get(example) ?? {
          id: example,
          dataset_id: dataset,
          created_at: now,
          modified_at: now,
        };
        examples.set(example, field ? { ...kept, [field]: value } : { ...kept, ...(value as Json) });
      }
      return [201, { count: made.size, example_ids: [...made], as_of: now }];
    }
    if (route === "GET /sessions")
      return [200, sessions.slice(0, 1).concat({ id: randomUUID(), tenant_id: randomUUID() })];
    if (route === "POST /sessions") {
      sessions.push({ id: randomUUID(), tenant_id: randomUUID(), start_time: now, ...json() });
      return [200, sessions.at(-1)];
    }
    if (/^PATCH \/sessions\//.test(route))
      return [200, Object.assign(sessions.find((one) => one.id === id) ?? {}, told(json()))];
    if (route === "POST /feedback") {
      feedback.push(json());
      return [200, json()];
    }
    if (route === "POST /runs/multipart") {
      for (const [name, value] of await parts(body, request)) {
        const [kind, run = "", field] = name.split(".");
        if (kind === "feedback") feedback.push(value as Json);
        else runs.set(run, { ...runs.get(run), ...(field ? { [field]: value } : (value as Json)) });
      }
      return [202, {}];
    }
    unknown.push(route);
    return [501, { detail: `the stand-in does not know ${route}` }];
  }

  const server = createServer((request, reply) => {
    answer(request).then(
      ([status, body]) =>
        reply
          .writeHead(body === undefined ? 404 : status, { "content-type": "application/json" })
          .end(JSON.stringify(body ?? { detail: "not found" })),
      (error) => reply.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, datasets, examples, sessions, runs, feedback, unknown, close };
}

/** What a PATCH changes: fields that are null are left as they are. */
const told = (json: Json): Json =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

/** The JSON parts of a multipart body, by name. */
async function parts(body: Buffer, request: IncomingMessage): Promise<[string, unknown][]> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  const all: [string, unknown][] = [];
  for (const [name, value] of form)
    all.push([name, JSON.parse(typeof value === "string" ? value : await value.text())]);
  return all;
}
