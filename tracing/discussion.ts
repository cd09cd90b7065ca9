import type { Client } from "langsmith";
import type { Run } from "langsmith/resources/runs";
import { EVER, fields } from "./copy.ts";
import type { Reply } from "./said.ts";
import { Shorthand } from "./shorthand.ts";

type Json = Record<string, unknown>;

/** What a node of the graph did: the state it changed, and the model calls it made. */
export interface Stage {
  node: string;
  /** Seconds since the trace began, and how long it took. */
  at: number;
  seconds: number;
  tokens: number;
  error?: string;
  /** `decisions`, `experts`, `transcript`, `candidates`, `next`, `answer`, `status`: what changed, nothing left out. */
  changed: Json;
  calls: Run[];
}

/** One run of a graph, in the order in which it happened. */
export interface Discussion {
  root: Run;
  task: Json;
  stages: Stage[];
}

/** All runs of a trace, in the order in which they began. */
export async function runsOf(client: Client, project: string, trace: string): Promise<Run[]> {
  const runs: Run[] = [];
  const asked = {
    project_ids: [project],
    trace_id: trace,
    min_start_time: EVER,
    selects: fields,
    page_size: 1000,
  };
  for await (const run of client.runs.query(asked)) runs.push(run);
  return runs.sort((a, b) => ((a.dotted_order ?? "") < (b.dotted_order ?? "") ? -1 : 1));
}

/**
 * The discussion that a trace holds; null where it holds none. The root of a graph is the chain run with
 * `boardroom_mode`: the trace's own root, or below an experiment's target. What nodes leave out is put back.
 */
export function discussionOf(runs: readonly Run[]): Discussion | null {
  const root = runs.find(({ run_type, metadata }) => run_type === "CHAIN" && metadata?.boardroom_mode);
  if (!root) return null;
  const below = (id: string | undefined) =>
    runs.filter(({ parent_run_ids }) => parent_run_ids?.at(-1) === id);
  const shorthand = new Shorthand();
  const stages = below(root.id)
    .filter(({ run_type, name }) => run_type === "CHAIN" && name !== "__start__")
    .map((run) => {
      const calls = below(run.id).filter(({ run_type }) => run_type === "LLM");
      const changed = shorthand.restored(run.outputs ?? {}, replyOf(calls));
      if (changed.status) changed.answer ??= root.outputs?.answer;
      return {
        node: run.name ?? "",
        at: secondsBetween(root.start_time, run.start_time),
        seconds: secondsBetween(run.start_time, run.end_time),
        tokens: calls.reduce((sum, call) => sum + tokensOf(call), 0),
        ...(run.error && { error: run.error }),
        changed,
        calls,
      };
    });
  return { root, task: (root.inputs?.task as Json | undefined) ?? {}, stages };
}

export const secondsBetween = (from: string | undefined, to: string | undefined): number =>
  from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : 0;

export function tokensOf({ metadata }: Run): number {
  const usage = metadata?.usage_metadata as { input_tokens?: number; output_tokens?: number } | undefined;
  return (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0);
}

function replyOf(calls: readonly Run[]): Reply | undefined {
  const last = calls.findLast(({ error }) => !error);
  return (last?.outputs?.messages as Reply[] | undefined)?.[0];
}
