const PROBE_MS = 1000;

/** Where LangSmith's API is: LANGSMITH_ENDPOINT, without slashes at its end. */
export const cloudHost = (): string =>
  (process.env.LANGSMITH_ENDPOINT || "https://api.smith.langchain.com").replace(/\/+$/, "");

/** In one sentence why LangSmith cannot be used, asked for a second; null where it can. */
export async function unreachable(host: string): Promise<string | null> {
  try {
    const reply = await fetch(`${host}/info`, { signal: AbortSignal.timeout(PROBE_MS) });
    return reply.ok ? null : `LangSmith at ${host} answers ${reply.status}`;
  } catch {
    return `LangSmith at ${host} does not answer`;
  }
}
