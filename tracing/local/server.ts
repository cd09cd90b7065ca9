import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type AppOptions, type Handler, handlerOf } from "./app.ts";
import { guarded } from "./guard.ts";
import type { Store } from "./store.ts";

export interface LocalServer {
  url: string;
  /** Answers what was asked already, then ends. The store stays open. */
  close(): Promise<void>;
}

/** Serves a store on 127.0.0.1; port 0 takes any free one. Rejects with EADDRINUSE where the port is taken. */
export const serveStore = (store: Store, port: number, options: AppOptions = {}): Promise<LocalServer> =>
  serveHandler(handlerOf(store, options), port);

/** The same for whatever answers requests. */
export async function serveHandler(handle: Handler, port: number): Promise<LocalServer> {
  let guard: Handler = handle;
  const server = createServer(getRequestListener((request) => guard(request)));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  guard = guarded(handle, bound);
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}
