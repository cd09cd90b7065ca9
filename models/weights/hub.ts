import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A file of a repository on the Hugging Face hub, at its main branch. */
export interface HubFile {
  repo: string;
  file: string;
}

interface Download {
  /** Bytes; `received` counts what an earlier run left. */
  onProgress?(received: number, total: number): void;
  signal?: AbortSignal | undefined;
}

/** The hub did not answer, or would not give the file: to try again soon is of no use. */
export class HubUnreachable extends Error {
  override name = "HubUnreachable";
}

export const hubEndpoint = (): string =>
  (process.env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");

const CONNECT_MS = 5_000;
/** A connection that is silent for this long is taken for dead. */
const SILENCE_MS = 30_000;
/** Connections that may break in a row without having brought a byte. */
const TRIES = 3;
const PAUSE_MS = 1_000;
const REDIRECTS = 5;

/**
 * Downloads to `part`, going on behind what is there already, also after a connection breaks. Returns the sha256 that
 * the hub states, or null. HF_TOKEN goes to the hub alone and not to where it redirects.
 */
export async function downloadFromHub(
  wanted: HubFile,
  part: string,
  download: Download,
): Promise<string | null> {
  let received = false;
  for (let failures = 0; ; ) {
    const before = await sizeOf(part);
    const line = watchdog(download.signal);
    try {
      const { response, sha256 } = await request(wanted, before, line);
      await receive(response, part, before, line, download);
      return sha256;
    } catch (error) {
      download.signal?.throwIfAborted();
      const progress = (await sizeOf(part)) > before;
      received ||= progress;
      failures = progress ? 0 : failures + 1;
      if (isLocal(error) || (error instanceof HubUnreachable && !received)) throw error;
      if (failures === TRIES) throw new Error(`the download of ${wanted.file} broke off (${reason(error)})`);
    } finally {
      line.stop();
    }
    await sleep(failures * PAUSE_MS, undefined, { signal: download.signal });
  }
}

interface Answer {
  response: Response;
  sha256: string | null;
}

/** Follows redirects by hand, since the hub's own answer states the checksum, and that of its storage does not. */
async function request({ repo, file }: HubFile, from: number, line: Watchdog): Promise<Answer> {
  const hub = new URL(hubEndpoint());
  let url = new URL(`${hubEndpoint()}/${repo}/resolve/main/${file}`);
  let sha256: string | null = null;
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const headers = new Headers({ "accept-encoding": "identity" });
    if (from > 0) headers.set("range", `bytes=${from}-`);
    if (process.env.HF_TOKEN && url.origin === hub.origin)
      headers.set("authorization", `Bearer ${process.env.HF_TOKEN}`);
    line.expectWithin(CONNECT_MS);
    const response = await fetch(url, { headers, redirect: "manual", signal: line.signal }).catch((error) => {
      throw new HubUnreachable(`${url.origin} cannot be reached: ${reason(error)}`);
    });
    sha256 ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1] ?? null;
    if (response.ok || response.status === 416) return { response, sha256 };
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (response.status >= 400 || !location)
      throw new HubUnreachable(`${url.origin} answered ${response.status} for ${repo}/${file}`);
    url = new URL(location, url);
  }
  throw new HubUnreachable(`${hub.origin} redirects without end for ${repo}/${file}`);
}

async function receive(response: Response, part: string, before: number, line: Watchdog, download: Download) {
  const resumed = response.status === 206;
  const total = lengthOf(response) + (resumed ? before : 0);
  if (response.status === 416) {
    await response.body?.cancel();
    if (response.headers.get("content-range") === `bytes */${before}`) return;
    await rm(part);
    throw new Error("what an earlier run left does not belong to this file");
  }
  let received = resumed ? before : 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      line.expectWithin(SILENCE_MS);
      received += chunk.length;
      download.onProgress?.(received, total);
      yield chunk;
    }
  };
  const body = Readable.fromWeb(response.body as import("node:stream/web").ReadableStream<Uint8Array>);
  await pipeline(body, counted, createWriteStream(part, { flags: resumed ? "a" : "w" }));
  if (received < total) throw new Error(`${received} of ${total} bytes came`);
}

const lengthOf = (response: Response): number => Number(response.headers.get("content-length") ?? 0);

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** Failures of the file system carry the system call that failed; those of the network carry them as a cause. */
const isLocal = (error: unknown): boolean => error instanceof Error && "syscall" in error;

const reason = (error: unknown): string => {
  const { cause, message } = error as Error;
  return (cause instanceof Error && cause.message) || message;
};

interface Watchdog {
  signal: AbortSignal;
  expectWithin(ms: number): void;
  stop(): void;
}

/** A signal that fires with the outer one, or when what was expected did not come in time. */
function watchdog(outer: AbortSignal | undefined): Watchdog {
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: outer ? AbortSignal.any([outer, silence.signal]) : silence.signal,
    expectWithin(ms) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new Error(`nothing came for ${ms / 1000} s`)), ms);
    },
    stop: () => clearTimeout(timer),
  };
}
