import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { Client } from "langsmith";
import type { RunTree } from "langsmith/run_trees";
import { tracingOptions } from "./client-options.ts";
import { Delivery } from "./delivery.ts";
import { failedRequestsFolder } from "./failed-requests.ts";
import { handlerOf } from "./local/app.ts";
import { localClient } from "./local/client.ts";
import { RunWriter } from "./local/run-writer.ts";
import { type LocalServer, serveHandler } from "./local/server.ts";
import { openStore, type Store, storeFile } from "./local/store.ts";
import { StoreTracer } from "./local/tracer.ts";
import type { TraceMode } from "./mode.ts";
import { cloudHost, unreachable } from "./reach.ts";
import { tracerCallbacks } from "./tracer.ts";

/** Where the traces of a command go. */
export interface Tracing {
  /** `off` too where the place that was asked for cannot be had. */
  mode: TraceMode;
  /** For graphs. */
  callbacks: BaseCallbackHandler[];
  /** For graphs below a run that langsmith's SDK traces. */
  below(run: RunTree): Promise<Callbacks | undefined>;
  /** For whatever else is kept there: datasets, experiments, feedback. Null: nowhere. */
  client: Client | null;
  /** False where only traces can be handed over, to be sent later: datasets and experiments need an answer. */
  answers: boolean;
  /** For a child process that traces by itself: the variables that send it to the same place, by way of this process. */
  environment(): Promise<Record<string, string>>;
  /** Sends what is pending, for at most five seconds; what is left is on disk. */
  end(): Promise<void>;
}

/** Of the five seconds that an end may take, what LangSmith gets; the rest writes to disk what it did not take. */
const FLUSH_MS = 3500;
const WRITE_MS = 500;

/** LangChain's own switches: what is traced is said here alone. */
const switches = ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2"];
/** Any value of this one, "false" too, makes @langchain/core 1.4 keep callbacks where nobody listens. */
const OLD_SWITCH = "LANGCHAIN_TRACING";

/**
 * Switches tracing for this process, and says where traces go. LangSmith is asked for a second whether it is there; where
 * it is not, traces are kept on disk until `boardroom traces push`.
 */
export async function openTracing(mode: TraceMode, say: (line: string) => void): Promise<Tracing> {
  for (const name of switches) process.env[name] = "false";
  delete process.env[OLD_SWITCH];
  if (mode === "off") return nowhere;
  const project = process.env.LANGSMITH_PROJECT ?? "default";
  const local = `traces go to the local store ${storeFile()}, project ${project}`;
  if (mode === "local") say(local);
  else if (!process.env.LANGSMITH_API_KEY) say(`LANGSMITH_API_KEY is not set: ${local}`);
  else return cloudTracing(mode, project, say);
  return localTracing(project, say);
}

/** A store that cannot be opened must not keep anybody from working. */
function openStoreIfPossible(say: (line: string) => void): Store | null {
  try {
    return openStore();
  } catch (error) {
    say(`no traces in the local store: ${(error as Error).message}`);
    return null;
  }
}

const nowhere: Tracing = {
  mode: "off",
  callbacks: [],
  below: async () => [],
  client: null,
  answers: false,
  environment: async () => ({ LANGSMITH_TRACING: "false" }),
  end: async () => {},
};

function localTracing(project: string, say: (line: string) => void): Tracing {
  const store = openStoreIfPossible(say);
  if (!store) return nowhere;
  const client = localClient({ store, zips: false, ...tracingOptions });
  const writer = new RunWriter(store);
  const tracer = new StoreTracer(writer, { session_name: project });
  let server: LocalServer | undefined;
  return {
    mode: "local",
    callbacks: [tracer],
    below: async (run) => tracer.below(run),
    client,
    answers: true,
    environment: async () => {
      server ??= await serveHandler(handlerOf(store), 0);
      return sendingTo(server, project, "local");
    },
    end: async () => {
      await client.awaitPendingTraceBatches();
      await server?.close();
      writer.close();
      store.close();
      if (writer.failure) say(`not all traces are in the local store: ${writer.failure}`);
    },
  };
}

async function cloudTracing(
  mode: "cloud" | "both",
  project: string,
  say: (line: string) => void,
): Promise<Tracing> {
  const host = cloudHost();
  const why = await unreachable(host);
  const store = mode === "both" ? openStoreIfPossible(say) : null;
  const delivery = new Delivery({ unreachable: why !== null, ...(store && { also: handlerOf(store) }) });
  const client = new Client({ fetchImplementation: delivery.fetch, ...tracingOptions });
  const callbacks = tracerCallbacks(client, project);
  const both = store ? ` and to the local store ${store.file}` : "";
  say(
    why === null
      ? `traces go to LangSmith at ${host}, project ${project}${both}`
      : `${why}: traces are kept in ${failedRequestsFolder()} for \`boardroom traces push\`${store ? `, and go to the local store ${store.file}` : ""}`,
  );
  let server: LocalServer | undefined;
  const flushed = () => awaitAllCallbacks().then(() => client.awaitPendingTraceBatches());
  return {
    mode,
    callbacks,
    below: async (run) => (await import("langsmith/langchain")).getLangchainCallbacks(run),
    client,
    answers: why === null,
    environment: async () => {
      server ??= await serveHandler(relay(host, delivery), 0);
      return sendingTo(server, project, process.env.LANGSMITH_API_KEY ?? "");
    },
    end: async () => {
      if (!(await within(FLUSH_MS, flushed()))) {
        delivery.giveUp();
        await within(WRITE_MS, flushed());
      }
      await server?.close();
      store?.close();
      if (why === null && delivery.failedRequests > 0)
        say(
          `${delivery.why ?? `LangSmith did not take all in ${FLUSH_MS / 1000} s`}: ${delivery.failedRequests} batches of traces are kept in ${failedRequestsFolder()} for \`boardroom traces push\``,
        );
      if (delivery.whyNotHere) say(`not all traces are in the local store: ${delivery.whyNotHere}`);
    },
  };
}

/** A child's client speaks to this process, so that its traces too are freed of keys and go to all places. */
const relay =
  (host: string, delivery: Delivery) =>
  async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    for (const name of ["host", "connection", "content-length"]) headers.delete(name);
    const body = request.body ? { body: new Uint8Array(await request.arrayBuffer()) } : {};
    const answer = await delivery.fetch(`${host}${pathname}${search}`, {
      method: request.method,
      headers,
      ...body,
    });
    const plain = new Headers(answer.headers); // fetch has decompressed the body
    for (const name of ["content-encoding", "content-length"]) plain.delete(name);
    return new Response(answer.body, { status: answer.status, headers: plain });
  };

const sendingTo = ({ url }: LocalServer, project: string, key: string): Record<string, string> => ({
  LANGSMITH_TRACING: "true",
  LANGSMITH_ENDPOINT: url,
  LANGSMITH_API_KEY: key,
  LANGSMITH_PROJECT: project,
});

/** Whether the work ended in time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, ms, false).unref());
  return Promise.race([work.then(() => true), late]);
}
