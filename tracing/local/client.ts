import { Client, type ClientConfig } from "langsmith";
import { handlerOf } from "./app.ts";
import { openStore, type Store } from "./store.ts";

/** The host that in-process requests name; nothing is looked up or sent. */
const HOST = "http://boardroom.local";

export interface LocalClientOptions extends ClientConfig {
  store?: Store;
  /** False is faster, for those who say everything of a run again when it ends. */
  zips?: boolean;
}

/**
 * A LangSmith client whose requests are answered in this process, out of the local store (`$BOARDROOM_HOME/traces.db`
 * unless one is given). It behaves as against LangSmith: runs go in batches, `awaitPendingTraceBatches()` waits for them.
 */
export function localClient({
  store = openStore(),
  zips = true,
  ...config
}: LocalClientOptions = {}): Client {
  const handle = handlerOf(store, { zips });
  const inProcess: typeof fetch = (input, init) => handle(new Request(input, init));
  return new Client({
    apiUrl: HOST,
    webUrl: HOST,
    apiKey: "local",
    ...config,
    fetchImplementation: inProcess,
  });
}
