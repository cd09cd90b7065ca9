import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { fingerprint, keepFailedRequest, removeFailedRequest } from "./failed-requests.ts";
import { type RedactedRequest, redactedRequest } from "./redacting-fetch.ts";

/** Of LangSmith's answer to `/info`, what is changed or read here. */
interface Info {
  instance_flags?: Record<string, unknown> & { gzip_body_enabled?: boolean };
}

interface DeliveryOptions {
  /** Does not answer, as far as is known now: nothing is sent, all is kept. */
  unreachable?: boolean;
  /** Gets every run and every feedback too, with the same ids. */
  also?: ((request: Request) => Promise<Response>) | undefined;
  send?: typeof fetch;
}

/** Requests that bring runs or feedback, by what stands behind the address of the API. */
const ingest = /\/(runs\/multipart|runs\/batch|runs|runs\/[0-9a-f-]{36}|feedback)$/;
const TRIES = 3;
const zip = promisify(gzip);

/**
 * The last stretch to LangSmith, as a `fetch` for its client: takes keys out of everything, and sees to it that no run is
 * lost. A batch that LangSmith does not take is on disk from its first failure until it is taken after all. The SDK's own
 * LANGSMITH_FAILED_TRACES_DIR (langsmith 0.12) writes after its last retry, which an exit does not wait for, keys included, and
 * keeps no feedback. The form of a file is the SDK's.
 */
export class Delivery {
  private readonly stop = new AbortController();
  private readonly kept = new Map<string, { file: string; tries: number }>();
  private readonly doubled = new Set<string>();
  private givenUp: boolean;
  private zips = false;
  /** Why something was kept, if LangSmith said so. */
  why: string | undefined;
  /** Why the local store did not take something. */
  whyNotHere: string | undefined;

  constructor(private readonly options: DeliveryOptions) {
    this.givenUp = options.unreachable ?? false;
  }

  /** Batches that are on disk because of this process. */
  get failedRequests(): number {
    return this.kept.size;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = await redactedRequest(input, init);
    const endpoint = ingest.exec(request.url.pathname)?.[1];
    if (endpoint && request.method !== "GET") return this.deliver(request, endpoint, init?.signal ?? null);
    if (request.url.pathname.endsWith("/info")) return this.info(request, init?.signal ?? null);
    return this.send(request, init?.signal ?? null);
  };

  /** From now on nothing waits for LangSmith: what is under way, and what comes, is kept. */
  giveUp(): void {
    this.givenUp = true;
    this.stop.abort(new Error("LangSmith took too long"));
  }

  private async deliver(
    request: RedactedRequest,
    endpoint: string,
    signal: AbortSignal | null,
  ): Promise<Response> {
    const id = fingerprint(request);
    await this.double(request, id);
    if (this.givenUp) return this.keep(request, endpoint, id);
    try {
      const response = await this.send(request, signal, this.stop.signal);
      if (response.ok || response.status === 409) {
        const there = this.kept.get(id);
        if (there) removeFailedRequest(there.file);
        this.kept.delete(id);
        return response.ok ? response : accepted(); // 409: it is there already
      }
      if (response.status === 404 && endpoint === "runs/multipart") return response; // the client has another way
      this.why = `LangSmith answered ${response.status}`;
      this.keep(request, endpoint, id);
      const again = response.status === 408 || response.status === 429 || response.status >= 500;
      return again && this.tries(id) < TRIES ? response : accepted();
    } catch (error) {
      this.keep(request, endpoint, id);
      if (this.givenUp || this.tries(id) >= TRIES) return accepted();
      throw error;
    }
  }

  private tries(id: string): number {
    return this.kept.get(id)?.tries ?? 0;
  }

  private keep(request: RedactedRequest, endpoint: string, id: string): Response {
    const { file = keepFailedRequest(request, endpoint), tries = 0 } = this.kept.get(id) ?? {};
    this.kept.set(id, { file, tries: tries + 1 });
    return accepted();
  }

  private async double({ url, method, headers, body }: RedactedRequest, id: string): Promise<void> {
    const { also } = this.options;
    if (!also || this.doubled.has(id)) return;
    this.doubled.add(id);
    const response = await also(
      new Request(url, { method, headers, ...(body && { body: new Uint8Array(body) }) }),
    );
    // What one place does not take must not keep the other from having it.
    if (!response.ok)
      this.whyNotHere = `the local store answered ${response.status}: ${await response.text()}`;
  }

  /** Bodies must reach this place uncompressed; whether LangSmith takes them compressed is remembered for the last step. */
  private async info(request: RedactedRequest, signal: AbortSignal | null): Promise<Response> {
    if (this.givenUp) return Response.json(plainInfo({}));
    const response = await this.send(request, signal, this.stop.signal);
    if (!response.ok) return response;
    const info = (await response.json()) as Info;
    this.zips = info.instance_flags?.gzip_body_enabled === true;
    return Response.json(plainInfo(info));
  }

  private async send(
    { url, method, headers, body }: RedactedRequest,
    ...signals: (AbortSignal | null)[]
  ): Promise<Response> {
    const { send = fetch } = this.options;
    const zipped = body && this.zips && body.length > 1024 && ingest.test(url.pathname);
    const sent = zipped ? await zip(body) : body;
    if (zipped) headers.set("content-encoding", "gzip");
    const signal = AbortSignal.any(signals.filter((one) => one !== null));
    return send(url, { method, headers, signal, ...(sent && { body: new Uint8Array(sent) }) });
  }
}

const accepted = () => Response.json({}, { status: 202 });

const plainInfo = (info: Info): Info => ({
  ...info,
  instance_flags: {
    dataset_examples_multipart_enabled: true,
    ...info.instance_flags,
    gzip_body_enabled: false,
    zstd_compression_enabled: false,
  },
});
