import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { UsageError } from "../fail.ts";

interface HttpServer {
  /** Takes no more requests; those that are being answered have a second to end. */
  close(): Promise<void>;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** Serves on a port; throws UsageError where that cannot be had. */
export async function listen(handle: Handler, host: string, port: number): Promise<HttpServer> {
  const server = createServer(getRequestListener(handle));
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new UsageError(`port ${port} is taken: choose another with --port.`);
    throw new UsageError(`cannot listen on ${host}, port ${port} (${code}).`);
  }
  return {
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      // A caller that reads nothing, or has connected and never asked, must not keep the server from ending.
      const late = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(late);
    },
  };
}
