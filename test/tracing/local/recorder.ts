import { gunzipSync } from "node:zlib";
import type { Handler } from "../../../tracing/local/app.ts";
import { splitParts } from "../../../tracing/local/multipart.ts";

/** One kind of request: the names in its query, and the fields of its body (of each part, where it has parts). */
interface Shape {
  query: string[];
  body: Record<string, string[]>;
}

/** A handler that notes the shape of what is asked, by method and path, and how it was answered. */
export function recorded(handle: Handler) {
  const shapes = new Map<string, Shape>();
  const refused: string[] = [];
  const recording: Handler = async (request) => {
    const copy = request.clone();
    const url = new URL(request.url);
    const name = `${request.method} ${templated(url.pathname)}`;
    const shape = shapes.get(name) ?? { query: [], body: {} };
    shape.query = union(shape.query, [...url.searchParams.keys()]);
    for (const [part, fields] of await fieldsOf(copy))
      shape.body[part] = union(shape.body[part] ?? [], fields);
    shapes.set(name, shape);
    const reply = await handle(request);
    if (reply.status === 501 || reply.status === 422)
      refused.push(`${name}: ${reply.status} ${await reply.clone().text()}`);
    return reply;
  };
  const sorted = () =>
    Object.fromEntries(
      [...shapes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { query, body }]) => [
          name,
          { query, body: Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))) },
        ]),
    );
  return { recording, refused, shapes: sorted };
}

const union = (a: string[], b: string[]): string[] => [...new Set([...a, ...b])].sort();

/** Ids stand for each other, and so do hashes of commits. */
const templated = (path: string): string =>
  path
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{id}")
    .replace(/\b[0-9a-f]{64}\b/g, "{hash}");

async function fieldsOf(request: Request): Promise<[part: string, fields: string[]][]> {
  const raw = Buffer.from(await request.arrayBuffer());
  if (raw.length === 0) return [];
  const body = (request.headers.get("content-encoding") === "gzip" ? gunzipSync(raw) : raw).toString();
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/")) return [["json", fields(body)]];
  return splitParts(body, type).map(({ name, text }) => [templated(name), fields(text)]);
}

/** What a run takes in and gives out is the graph's own; what its metadata says is LangChain's. */
function fields(json: string): string[] {
  const value = JSON.parse(json);
  return value && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [typeof value];
}
