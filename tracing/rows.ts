import type { Run } from "langsmith/resources/runs";
import { isPaused } from "../state/result.ts";
import { totalsOf } from "../state/totals.ts";
import type { GraphRun } from "./graph-run.ts";
import { loadRun } from "./load-run.ts";
import { NOT_RUN, type Project, rootsOf } from "./roots.ts";
import type { RunReader } from "./run-reader.ts";
import { foldedState, UnreadableTrace } from "./state-of.ts";
import { hasQuestion } from "./thread-runs.ts";

/** A run of a graph in a list. */
export interface Row {
  id: string;
  time: string;
  mode: string;
  question: string;
  /** `paused` where a person is asked; `unfinished` while a run goes on, and for ever where a kill ended it. */
  status: string;
  tokens: number | null;
}

/** Of a task, or of a chat's last message that a user wrote: a resumed run has its task in its last state alone. */
function questionOf(values: Run["inputs"]): string {
  const { task, messages } = (values ?? {}) as { task?: { question?: unknown }; messages?: unknown };
  if (typeof task?.question === "string") return task.question;
  return Array.isArray(messages) ? humanText(messages) : "";
}

/** Messages as they were sent, or as LangChain writes them. */
function humanText(messages: unknown[]): string {
  const texts = messages.flatMap((message) => {
    const { role, type, id, content, kwargs } = Object(message);
    const isHuman = role === "user" || role === "human" || type === "human";
    const words = isHuman
      ? content
      : Array.isArray(id) && id.at(-1) === "HumanMessage"
        ? kwargs?.content
        : null;
    return typeof words === "string" ? [words] : [];
  });
  return texts.at(-1) ?? "";
}

const modes = new Set(["ceo", "team", "vote", "solo"]);

/**
 * The runs of graphs, the newest first, those that were resumed once: where a root was given no question, all traces of its
 * thread are read. Where no server reported usage, what our ledger booked is.
 */
export async function* rowsOf(client: RunReader, projects: Project[], pageSize: number): AsyncGenerator<Row> {
  const parts = new Set<string>();
  for await (const root of rootsOf(client, projects, pageSize)) {
    const row = rowOf(root.run);
    if (!row || parts.has(row.id)) continue;
    const isWhole =
      hasQuestion({ inputs: root.run.inputs as Record<string, unknown> }) && row.tokens !== null;
    const graphRun = isWhole ? null : (await loadRun(client, root)).graphRun;
    for (const trace of graphRun?.traces ?? []) parts.add(trace);
    yield graphRun ? rowOfRun(row, graphRun) : row;
  }
}

function rowOfRun(row: Row, graphRun: GraphRun): Row {
  try {
    const state = foldedState(graphRun);
    const { task, status, spend } = state;
    const open = isPaused(state) ? "paused" : "unfinished";
    const { root } = graphRun;
    const { inputTokens, outputTokens } = totalsOf(spend);
    return {
      ...row,
      id: graphRun.id,
      time: root.start_time,
      question: task?.question ?? row.question,
      status: root.error ? "failed" : status === "running" ? open : status,
      tokens: inputTokens + outputTokens,
    };
  } catch (error) {
    if (error instanceof UnreadableTrace) return row;
    throw error;
  }
}

/**
 * The row of a root; null for a root that is no run of ours, or was never begun. Under `evaluate()` the root is the
 * experiment's target.
 */
function rowOf({
  id,
  name,
  start_time,
  end_time,
  inputs,
  outputs,
  metadata,
  status,
  error,
  total_tokens,
}: Run): Row | null {
  const mode = String(metadata?.boardroom_mode ?? name);
  if (!modes.has(mode) || error?.includes(NOT_RUN)) return null;
  const tokens = total_tokens ?? outputs?.tokens;
  const paused = outputs?.status === "running" && outputs.pause != null;
  const ended =
    status === "ERROR" ? "failed" : paused ? "paused" : String(outputs?.status ?? status?.toLowerCase());
  return {
    id: id!,
    time: start_time ?? "",
    mode,
    question: questionOf(inputs) || questionOf(outputs),
    status: end_time ? ended : "unfinished",
    tokens: typeof tokens === "number" ? tokens : null,
  };
}
