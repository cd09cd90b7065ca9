import { type AllowedCallers, isLoopback } from "../../tracing/local/guard.ts";

/** Where LangGraph Studio is served from; langgraph.json names the same for CORS. */
const studioOrigins = ["https://smith.langchain.com", "https://eu.smith.langchain.com"];

/** Who may call Studio's server: programs, its own pages and Studio. */
export const callersAt = (port: number): AllowedCallers => ({
  port,
  allows: (origin) => studioOrigins.includes(origin.origin) || isLoopback(origin, port),
});
