import { Client } from "langsmith";
import { redactingFetch } from "./redacting-fetch.ts";

/** LangSmith, to read from and to copy to. Unlike a run's own client it fails where a request does. */
export const cloudClient = (): Client =>
  new Client({
    fetchImplementation: redactingFetch,
    omitTracedRuntimeInfo: true,
    callerOptions: { maxRetries: 2 },
  });
