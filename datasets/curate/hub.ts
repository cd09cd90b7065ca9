import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { Unfetchable } from "../../benchmarks/fetch.ts";
import { downloadFromHub, hubEndpoint } from "../../models/weights/hub.ts";
import { boardroomHome } from "../../paths.ts";

const REPO = "datasets/Can111/m500";
const CONNECT_MS = 10_000;

export interface M500FetchOptions {
  /** Bytes; `total` is 0 where it is not known. */
  onProgress?: ((progress: { label: string; received: number; total: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const Listing = z.object({ siblings: z.array(z.object({ rfilename: z.string() })) });

/** M500's file below BOARDROOM_HOME, fetched from the hub first where it is missing. Throws Unfetchable. */
export async function fetchM500({ onProgress, signal }: M500FetchOptions = {}): Promise<string> {
  const folder = join(boardroomHome(), "datasets", "m500");
  const kept = ["m500.parquet", "m500.jsonl", "m500.json"].map((name) => join(folder, name)).find(existsSync);
  if (kept) return kept;
  try {
    const file = await listed(signal);
    const path = join(folder, `m500.${file.split(".").at(-1)}`);
    const part = `${path}.part`;
    await mkdir(dirname(path), { recursive: true });
    await downloadFromHub({ repo: REPO, file }, part, {
      signal,
      onProgress: (received, total) => onProgress?.({ label: basename(path), received, total }),
    });
    await rename(part, path);
    return path;
  } catch (error) {
    signal?.throwIfAborted();
    throw new Unfetchable(
      `M500 cannot be fetched from ${hubEndpoint()}/${REPO} (${(error as Error).message}); give its file instead.`,
    );
  }
}

/** The one file of the repository that holds rows. */
async function listed(signal: AbortSignal | undefined): Promise<string> {
  const limit = AbortSignal.timeout(CONNECT_MS);
  const reply = await fetch(`${hubEndpoint()}/api/${REPO}`, {
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  if (!reply.ok) throw new Error(`its list of files answers ${reply.status}`);
  const names = Listing.parse(await reply.json()).siblings.map(({ rfilename }) => rfilename);
  const data = names.filter(
    (name) => /\.(?:parquet|jsonl?)$/.test(name) && !/(?:info|config)s?\.json$/.test(name),
  );
  if (data.length !== 1) throw new Error(`it holds ${data.length} files of rows where one was expected`);
  return data[0]!;
}
