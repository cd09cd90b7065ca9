import type { Assistant } from "@langchain/langgraph-sdk";
import { client } from "./client.ts";
import { useLoaded } from "./use-loaded.ts";

export const useAssistants = () =>
  useLoaded("assistants", async () =>
    (await client.assistants.search({ limit: 100 })).sort(
      (a, b) => Number(isGraphItself(b)) - Number(isGraphItself(a)) || a.name.localeCompare(b.name),
    ),
  );

/** A graph with its defaults comes before the assistants that were made of it. */
const isGraphItself = ({ metadata }: Assistant): boolean => metadata?.created_by === "system";

export const useGraph = (assistantId: string | null) =>
  useLoaded(`graph of ${assistantId}`, async () =>
    assistantId ? client.assistants.getGraph(assistantId) : null,
  );

const graphWords: Record<string, string> = {
  ceo: "A team under a CEO, which decides after each step what comes next.",
  team: "A team on a fixed plan.",
  vote: "Several experts for themselves; the answer that most give.",
  solo: "One expert.",
};

/** What it is for, in a sentence. */
export const purposeOf = (assistant: Assistant | undefined): string =>
  assistant?.description || graphWords[assistant?.graph_id ?? ""] || "";

/** What an assistant sets besides the defaults. */
export const contextOf = (assistant: Assistant | undefined): Record<string, unknown> =>
  (assistant?.context as Record<string, unknown> | undefined) ?? {};
