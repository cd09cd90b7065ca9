export const traceModes = ["off", "local", "cloud", "both"] as const;
export type TraceMode = (typeof traceModes)[number];

/** Where traces go: by flag, BOARDROOM_TRACE, or LangSmith's own variables, else to the local store; null for an unknown word. */
export function traceMode(flag: string | undefined, env = process.env): TraceMode | null {
  const requested = flag ?? env.BOARDROOM_TRACE;
  if (requested) return traceModes.find((mode) => mode === requested) ?? null;
  return env.LANGSMITH_TRACING === "true" && env.LANGSMITH_API_KEY ? "cloud" : "local";
}
