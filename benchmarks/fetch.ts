import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hubEndpoint } from "../models/weights/hub.ts";
import { boardroomHome } from "../paths.ts";
import { parseRows } from "./rows.ts";

/** The canonical file of a benchmark, and what tells that it came whole. */
export interface Source {
  /** A file of a dataset on the Hugging Face hub, or one at an address of its own, there at a fixed commit. */
  at: { dataset: string; path: string } | { url: string };
  rows: number;
  /** Hex; without one, what the hub states counts. */
  sha256?: string;
  /** Its terms have to be accepted on the hub, by the owner of HF_TOKEN. */
  gated?: true;
}

export interface FetchOptions {
  /** Bytes; `total` is 0 where it is not known. */
  onProgress?: ((progress: { label: string; received: number; total: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The canonical file cannot be had here and now. */
export class Unfetchable extends Error {
  override name = "Unfetchable";
}

const LIMIT_MS = 120_000;

/** The path of the file below BOARDROOM_HOME, fetched first where it is missing. Throws Unfetchable. */
export async function fetchOnce(name: string, source: Source, fetching: FetchOptions = {}): Promise<string> {
  const url = urlOf(source);
  const path = join(boardroomHome(), "datasets", name, url.slice(url.lastIndexOf("/") + 1));
  if (existsSync(path)) return path;
  const { bytes, gitBlob, linked } = await download(name, source, url, fetching);
  const sha256 = source.sha256 ?? linked;
  const came = {
    rows: (await parseRows(path, bytes)).length,
    sha256: sha256 && digest("sha256", bytes),
    gitBlob: gitBlob && digest("sha1", Buffer.from(`blob ${bytes.length}\0`), bytes),
  };
  const wanted = { rows: source.rows, sha256, gitBlob };
  for (const check of ["rows", "sha256", "gitBlob"] as const)
    if (came[check] !== wanted[check])
      throw new Unfetchable(`${url} is not what was expected: ${check} ${came[check]}, not ${wanted[check]}`);
  const part = `${path}.${randomUUID()}.part`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(part, bytes);
  await rename(part, path);
  return path;
}

const urlOf = ({ at }: Source): string =>
  "url" in at ? at.url : `${hubEndpoint()}/datasets/${at.dataset}/resolve/main/${at.path}`;

const digest = (algorithm: string, ...parts: Buffer[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest("hex");

async function download(name: string, source: Source, url: string, { onProgress, signal }: FetchOptions) {
  const token = "dataset" in source.at && process.env.HF_TOKEN;
  if (source.gated && !token) throw new Unfetchable(`${gate(name, source)} and set HF_TOKEN`);
  const deadline = AbortSignal.timeout(LIMIT_MS);
  try {
    const ending = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const { response, linked } = await followed(url, token || null, ending);
    if (source.gated && (response.status === 401 || response.status === 403))
      throw new Unfetchable(`${gate(name, source)} with the account of HF_TOKEN, which has no access yet`);
    if (!response.ok || !response.body) throw new Unfetchable(`${url} answered ${response.status}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of response.body) {
      chunks.push(chunk);
      received += chunk.length;
      onProgress?.({ label: name, received, total });
    }
    return { bytes: Buffer.concat(chunks), gitBlob: statedByHub(response), linked };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Unfetchable) throw error;
    const { cause, message } = error as Error;
    throw new Unfetchable(`${url} cannot be reached (${cause instanceof Error ? cause.message : message})`);
  }
}

const REDIRECTS = 5;

/**
 * Follows redirects by hand: the hub's own answer states the sha256 of a large file, that of its storage does not, and
 * the token is for the hub alone.
 */
async function followed(from: string, token: string | null, signal: AbortSignal) {
  let url = from;
  let linked: string | undefined;
  for (let redirects = 0; ; redirects++) {
    const mine = token !== null && new URL(url).origin === new URL(from).origin;
    const response = await fetch(url, {
      headers: { "accept-encoding": "identity", ...(mine && { authorization: `Bearer ${token}` }) },
      redirect: "manual",
      signal,
    });
    linked ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1];
    const location = response.headers.get("location");
    if (response.ok || !location || redirects === REDIRECTS) return { response, linked };
    await response.body?.cancel();
    url = new URL(location, url).href;
  }
}

const gate = (name: string, { at }: Source): string =>
  `${name} is gated: accept its terms at ${hubEndpoint()}/datasets/${"dataset" in at ? at.dataset : ""}`;

/** The hub's own ETag of a small file is its id in git: the sha1 of `blob <size>\0` and the bytes. */
function statedByHub({ url, headers }: Response): string | undefined {
  if (new URL(url).origin !== new URL(hubEndpoint()).origin) return undefined;
  return /^(?:W\/)?"([0-9a-f]{40})"$/.exec(headers.get("etag") ?? "")?.[1];
}
