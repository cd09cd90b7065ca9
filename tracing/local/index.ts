/** The local store that speaks a part of LangSmith's API: served on loopback, or as a client in this process. */

import { handlerOf } from "./app.ts";
import { serveHandler } from "./server.ts";
import { openStore, storeFile } from "./store.ts";

export { type LocalClientOptions, localClient } from "./client.ts";
export { openStore, type Store, storeFile } from "./store.ts";

export interface LocalStoreOptions {
  /** SQLite's file, made where it is missing. Default: the one of the command line, `traces.db` below BOARDROOM_HOME. */
  file?: string;
  /** On 127.0.0.1; 0 takes any free one. Default: 0. */
  port?: number;
}

/** A store that is being served. */
export interface LocalStore {
  /** For `new Client({ apiUrl, apiKey: "local" })` of the SDK; any key is taken. */
  url: string;
  file: string;
  /** Answers what was asked already, then closes the file. */
  close(): Promise<void>;
}

/**
 * Serves the store to LangSmith's clients on this machine until it is closed. What it cannot answer it answers with 501.
 * Throws Error where the file is not a store; rejects with EADDRINUSE where the port is taken.
 */
export async function serveLocalStore({
  file = storeFile(),
  port = 0,
}: LocalStoreOptions = {}): Promise<LocalStore> {
  const store = openStore(file);
  try {
    const server = await serveHandler(handlerOf(store), port);
    return {
      url: server.url,
      file,
      close: async () => {
        await server.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
