import { Client } from "langsmith";
import { cleanFetch } from "./wire.ts";

/** LangSmith, to read from and to copy to. Unlike a run's own client it fails where a request does. */
export const cloudClient = (): Client =>
  new Client({
    fetchImplementation: cleanFetch,
    omitTracedRuntimeInfo: true,
    callerOptions: { maxRetries: 2 },
  });
