import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Handler } from "./app.ts";
import { withGuard } from "./guard.ts";

export interface LocalServer {
  url: string;
  /** Answers what was asked already, then ends. */
  close(): Promise<void>;
}

/** Serves the store's API on 127.0.0.1; port 0 takes any free one. Rejects with EADDRINUSE where the port is taken. */
export async function serveHandler(handle: Handler, port: number): Promise<LocalServer> {
  let guard = handle;
  const server = createServer(getRequestListener((request) => guard(request)));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  guard = withGuard(handle, bound);
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}
