import type { Run, RunQueryV2Params } from "langsmith/resources/runs";

/** What is asked of a LangSmith client to find and read traces. */
export interface RunReader {
  listProjects(asked?: { name?: string }): AsyncIterable<{ id: string; name?: string | null }>;
  runs: { query(asked: RunQueryV2Params): AsyncIterable<Run> };
}
