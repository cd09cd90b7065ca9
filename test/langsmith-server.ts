import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "langsmith";
import { handlerOf } from "../tracing/local/app.ts";
import { serveHandler } from "../tracing/local/server.ts";
import { openStore } from "../tracing/local/store.ts";

export interface LangSmithServer {
  url: string;
  /** Reads what has come in. */
  client: Client;
  /** Method and path of each request, and its status; those of `client` too. */
  requests: { request: string; status: number }[];
  close(): Promise<void>;
}

/** The local store, new and on loopback, in the place of LangSmith: what a command does with LangSmith, it does here. */
export async function langsmithServer(): Promise<LangSmithServer> {
  const store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-langsmith-")), "traces.db"));
  const handle = handlerOf(store);
  const requests: LangSmithServer["requests"] = [];
  const { url, close } = await serveHandler(async (request) => {
    const reply = await handle(request);
    requests.push({ request: `${request.method} ${new URL(request.url).pathname}`, status: reply.status });
    return reply;
  }, 0);
  return {
    url,
    client: new Client({ apiUrl: url, apiKey: "local" }),
    requests,
    close: async () => {
      await close();
      store.close();
    },
  };
}
