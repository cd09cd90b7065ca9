type Metadata = Record<string, unknown>;

/** LangGraph and LangChain put paths, triggers, checkpoints and versions into the metadata of every run: noise here. */
const only = (metadata: Metadata, wanted: (name: string) => boolean): Metadata =>
  Object.fromEntries(
    Object.entries(metadata).filter(
      ([name, value]) => wanted(name) && value !== null && value !== undefined && value !== "",
    ),
  );

/** What is the same for a whole run, and stands at its root: the rest of `boardroom_*` belongs to one call. */
const ofTheRun = new Set([
  "boardroom_thread",
  "boardroom_run",
  "boardroom_settings",
  "boardroom_prompts",
  "boardroom_git",
]);

/** By thread_id LangSmith gathers the traces of one thread. */
export const rootMetadata = (metadata: Metadata): Metadata =>
  only(metadata, (name) => name.startsWith("boardroom_") || name === "thread_id");

export const nodeMetadata = (metadata: Metadata): Metadata =>
  only(metadata, (name) => name === "langgraph_step");

const ofModels = new Set(["ls_provider", "ls_model_name", "ls_model_type", "ls_temperature"]);

/** Node, expert, round, prompt and layout of the call, and mode, benchmark, item and repeat of its run. */
export const callMetadata = (metadata: Metadata): Metadata =>
  only(metadata, (name) => (name.startsWith("boardroom_") && !ofTheRun.has(name)) || ofModels.has(name));
