import type { EnvHttpProxyAgent } from "undici";
import { apiKey, endpointOf, type ModelEntry } from "./catalog.ts";

export const MAX_TIMER_MS = 2 ** 31 - 1;

/** With the first request: a command that sends none starts sooner. */
const load = () => import("undici");
let loaded: ReturnType<typeof load> | undefined;
let agent: EnvHttpProxyAgent | undefined;

/**
 * fetch through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, and without undici's own limits of 300 s: how long
 * a call may take is a setting.
 */
export const httpFetch: typeof fetch = async (input, init) => {
  loaded ??= load();
  const undici = await loaded;
  agent ??= new undici.EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0 });
  const request = undici.fetch as unknown as typeof fetch;
  const signal = init?.signal && forwarded(init.signal);
  return request(input, { ...init, ...(signal && { signal }), dispatcher: agent } as RequestInit);
};

/** undici 7 refuses the signals of AbortSignal.any in Node 20: it is given one of its own that follows. */
function forwarded(signal: AbortSignal): AbortSignal {
  const follower = new AbortController();
  const abort = () => follower.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return follower.signal;
}

/** `GET /models` of a model's endpoint, as JSON. Rejects where it is not answered with JSON. */
export async function listModels(entry: ModelEntry, signal: AbortSignal): Promise<unknown> {
  const key = apiKey(entry);
  const headers = { authorization: `Bearer ${key ?? "none"}` };
  const response = await httpFetch(`${endpointOf(entry)}/models`, { headers, signal });
  return response.json();
}
