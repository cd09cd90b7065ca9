import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client } from "langsmith";

export const traceModes = ["off", "cloud"] as const;
export type TraceMode = (typeof traceModes)[number];

/** Where the traces of a run go; `end` sends what is pending, for at most five seconds. */
export interface Tracing {
  mode: TraceMode;
  callbacks: LangChainTracer[];
  end(): Promise<void>;
}

const PROBE_MS = 1500;
const FLUSH_MS = 5000;

/** The mode that was asked for: by flag, BOARDROOM_TRACE, or LangSmith's own variables; null for an unknown word. */
export function traceMode(flag: string | undefined, env = process.env): TraceMode | null {
  const asked = flag ?? env.BOARDROOM_TRACE;
  if (asked) return traceModes.find((mode) => mode === asked) ?? null;
  return env.LANGSMITH_TRACING === "true" && env.LANGSMITH_API_KEY ? "cloud" : "off";
}

/** Switches tracing for this process. An endpoint that does not answer now is not used: it would hold up the end. */
export async function openTracing(mode: TraceMode, say: (line: string) => void): Promise<Tracing> {
  for (const name of [
    "LANGSMITH_TRACING",
    "LANGCHAIN_TRACING_V2",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
  ])
    process.env[name] = "false"; // LangChain's own switch: what is traced is said here alone
  const off: Tracing = { mode: "off", callbacks: [], end: async () => {} };
  if (mode === "off") return off;
  const client = new Client();
  const host = process.env.LANGSMITH_ENDPOINT ?? "https://api.smith.langchain.com";
  const project = process.env.LANGSMITH_PROJECT ?? "default";
  const why = process.env.LANGSMITH_API_KEY ? await unreachable(host) : "LANGSMITH_API_KEY is not set";
  if (why) {
    say(`not traced: ${why}`);
    return off;
  }
  say(`traces go to LangSmith at ${host}, project ${project}`);
  return {
    mode,
    callbacks: [new LangChainTracer({ client, projectName: project })],
    end: async () => {
      const late = new Promise<"late">((resolve) => setTimeout(resolve, FLUSH_MS, "late").unref());
      const sent = awaitAllCallbacks().then(() => client.awaitPendingTraceBatches());
      if ((await Promise.race([sent, late])) === "late")
        say(`LangSmith took longer than ${FLUSH_MS / 1000} s: the last traces may be missing`);
    },
  };
}

async function unreachable(host: string): Promise<string | null> {
  try {
    const reply = await fetch(`${host.replace(/\/+$/, "")}/info`, { signal: AbortSignal.timeout(PROBE_MS) });
    return reply.ok ? null : `LangSmith at ${host} answers ${reply.status}`;
  } catch {
    return `LangSmith at ${host} does not answer`;
  }
}
