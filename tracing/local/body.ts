import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { z } from "zod";
import { redactJson } from "../../secrets.ts";
import { type Part, splitParts } from "./multipart.ts";
import { Refusal } from "./refusal.ts";

/*
 * The one door by which anything enters the store: whatever a request carries is decompressed, parsed and redacted here.
 */

/** The most that one request may carry, packed and unpacked: the SDK's own batches are of 20 MB. */
const BODY_BYTES = 64 * 1024 * 1024;

type Decompress = (body: Uint8Array) => Promise<Buffer>;
const most = { maxOutputLength: BODY_BYTES };
/** In Node since 22.15; `/info` does not offer it, but a client may be told otherwise. */
const zstd = (zlib as { zstdDecompress?: typeof zlib.gunzip }).zstdDecompress;
const encodings: Record<string, Decompress | undefined> = {
  identity: async (body) => Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  gzip: (body) => promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)(body, most),
  zstd: zstd && ((body) => promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zstd)(body, most)),
};

async function textOf(request: Request): Promise<string> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  const decompress = encodings[encoding];
  if (!decompress) throw new Refusal(422, `The body is ${encoding}, which cannot be decompressed here.`);
  const bytes = await bytesOf(request);
  try {
    return (await decompress(bytes)).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new Refusal(422, `The body is not ${encoding}.`);
  }
}

const tooLarge = () => new Refusal(413, `A body may have ${BODY_BYTES / 1024 / 1024} MB, unpacked.`);

/** The body as it came; what is too long is not read to its end. */
async function bytesOf({ body }: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body of a request that speaks JSON, in the shape that is known here. */
export async function jsonBody<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  const text = await textOf(request);
  const value = parsed(text || "{}", "the body");
  return checked(schema, redactJson(value), "the body");
}

interface JsonPart {
  name: string;
  value: unknown;
  /** The same as text, to be kept as it is. */
  json: string;
}

/** The parts of a multipart body that hold JSON; attachments, which are not JSON, are named in `attachments`. */
export async function jsonParts(request: Request): Promise<{ parts: JsonPart[]; attachments: string[] }> {
  const text = await textOf(request);
  const all = splitParts(text, request.headers.get("content-type") ?? "");
  const isAttachment = ({ name }: Part) => /^attachment\.|\.attachments?(\.|$)/.test(name);
  const sent = all.filter((part) => !isAttachment(part));
  const values = sent.map(({ name, text }) => parsed(text, `the part ${name}`));
  // All at once: to look up which keys there are takes longer than to look for them in one part.
  const clean = redactJson(values);
  return {
    parts: sent.map(({ name, text }, i) => ({
      name,
      value: clean[i],
      json: clean === values ? text : JSON.stringify(clean[i]),
    })),
    attachments: all.filter(isAttachment).map(({ name }) => name),
  };
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(422, `${what} is not JSON.`);
  }
}

/** The value in its known shape. A field that is not known answers 501, unless it is null; another mistake 422. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === "unrecognized_keys" && issue.path.length === 0) {
    const fields = Object.entries(value as object);
    const nonNull = fields.filter(([name, field]) => field !== null || !issue.keys.includes(name));
    if (nonNull.length < fields.length) return checked(schema, Object.fromEntries(nonNull), what);
  }
  const where = issue?.path.length ? ` (${issue.path.join(".")})` : "";
  if (issue?.code === "unrecognized_keys")
    throw new Refusal(
      501,
      `This is Boardroom's local store, not LangSmith: it does not know the field ${issue.keys[0]} of ${what}${where}.`,
    );
  throw new Refusal(422, `${what} is not as expected${where}: ${issue?.message}.`);
}
