import type { Client } from "langsmith";
import type { Run, RunQueryV2Params } from "langsmith/resources/runs";
import {
  batchesOfFifty,
  copyFeedback,
  EARLIEST_START,
  existingRunIds,
  feedbackOf,
  projectId,
  runCreateOf,
  runFields,
} from "./copy.ts";
import { hash, PullState } from "./pull-state.ts";
import { type Clock, RateLimit, realClock, statusOf, withRetries } from "./rate-limit.ts";
import { byTrace, isComplete, seenRun } from "./seen-runs.ts";

interface PullOptions {
  from: Client;
  /** Tells the states of different servers apart. */
  host: string;
  /** The local store. */
  to: Client;
  project: string;
  /** Only runs that began at or after this time; default: where the last pull ended. */
  since?: Date | undefined;
  clock?: Clock;
  /** Runs in one request, 1 to 1000. */
  pageSize?: number;
  onPage?: (runs: number) => void;
}

interface PullResult {
  project: string;
  since: string;
  until: string;
  /** Runs that were not in the local store before. */
  runs: number;
  /** Whole traces among them. */
  traces: number;
  /** Traces that have not ended, or lack model calls: not counted, and looked for again by the next pull. */
  incomplete: number;
  /** Null: LangSmith would not say which runs have new feedback. */
  feedback: number | null;
}

/** There is no such project. */
export class NoProject extends Error {
  override name = "NoProject";
}

/** Windows overlap by so much: runs arrive late, and clocks differ. */
const OVERLAP_MS = 10 * 60_000;
/** After so long LangSmith itself forgets a trace: it is no longer looked for. */
const GIVE_UP_MS = 14 * 86_400_000;
const PAGE = 500;
/** How often one pull begins its window again because its cursor is no longer taken. */
const RESTARTS = 3;

/**
 * Copies the runs and the feedback of a LangSmith project into the local store, page by page. A page is in the store before
 * its cursor is saved, so a pull that was broken off goes on where it stood; runs are kept by their ids, so nothing is
 * there twice, whatever is asked for again.
 */
export async function pull(options: PullOptions): Promise<PullResult> {
  const { from, host, to, project, since, clock = realClock, pageSize = PAGE, onPage } = options;
  const rateLimit = new RateLimit(clock);
  const ask = <T>(request: () => Promise<T>) => withRetries(request, rateLimit, clock);
  const source = await ask(() => projectId(from, project));
  if (!source) throw new NoProject(`LangSmith at ${host} has no project ${project}.`);
  const state = new PullState(host, project);
  const { saved } = state;

  const query = hash(JSON.stringify([source, since?.toISOString() ?? null]));
  if (saved.window?.query !== query) {
    const begin =
      since?.getTime() ?? (saved.done ? Date.parse(saved.done) - OVERLAP_MS : Date.parse(EARLIEST_START));
    state.forgetSeenRuns();
    const until = new Date(clock.now()).toISOString();
    state.save({ window: { query, since: new Date(begin).toISOString(), until, cursor: null } });
  }
  const window = saved.window!;

  const page = (params: RunQueryV2Params) =>
    ask(() => from.runs.query({ project_ids: [source], page_size: pageSize, ...params }, { maxRetries: 0 }));
  const keep = async (runs: Run[]) => {
    if (runs.length === 0) return;
    const ids = runs.map(({ id }) => id!);
    const there = await existingRunIds(to, await projectId(to, project), ids);
    // As updates: a run that had not ended when it was pulled before is brought up to date.
    await to.batchIngestRuns({ runUpdates: runs.map((run) => ({ ...runCreateOf(run, project) })) });
    state.addSeenRuns(runs.map((run) => seenRun(run, !there.has(run.id!))));
    onPage?.(runs.length);
  };
  const allOf = async (params: RunQueryV2Params) => {
    for (let cursor: string | null = null; ; ) {
      const { items, next_cursor } = await page({ ...params, ...(cursor && { cursor }) });
      await keep(items);
      cursor = next_cursor || null;
      if (!cursor) return;
    }
  };

  const frozen = { min_start_time: window.since, max_start_time: window.until, selects: runFields };
  for (let more = true, restarts = 0; more; ) {
    const { cursor } = window;
    try {
      const { items, next_cursor } = await page({ ...frozen, ...(cursor && { cursor }) });
      await keep(items);
      more = Boolean(next_cursor);
      state.save({ window: Object.assign(window, { cursor: next_cursor || null }) });
    } catch (error) {
      const status = statusOf(error) ?? 0;
      const refused = status >= 400 && status < 500 && ![401, 403, 429].includes(status);
      if (!cursor || !refused || ++restarts > RESTARTS) throw error;
      state.save({ window: Object.assign(window, { cursor: null }) }); // it was too old: the window begins again
    }
  }

  // Traces of which a part lies outside of the window, or was not there yet the last time.
  const partly = [...byTrace(state.seenRuns())]
    .filter(([trace, runs]) => !isComplete(trace, runs) && !runs.some(({ id }) => id === trace))
    .map(([trace]) => trace);
  for (const trace_id of new Set([...Object.keys(saved.incomplete), ...partly]))
    await allOf({ trace_id, min_start_time: EARLIEST_START, selects: runFields });

  const traces = byTrace(state.seenRuns());
  const incomplete: Record<string, string> = {};
  for (const trace of [...traces.keys(), ...Object.keys(saved.incomplete)]) {
    const first = saved.incomplete[trace] ?? window.until;
    if (!isComplete(trace, traces.get(trace) ?? []) && clock.now() - Date.parse(first) < GIVE_UP_MS)
      incomplete[trace] = first;
  }
  const isNew = (trace: string) =>
    trace in saved.incomplete || traces.get(trace)!.some(({ fresh }) => fresh === true);
  const whole = [...traces.keys()].filter((trace) => isComplete(trace, traces.get(trace)!) && isNew(trace));
  const fresh = [...traces.values()].flat().filter((run) => run.fresh);

  const swept = saved.feedback ? Date.parse(saved.feedback) - OVERLAP_MS : Date.parse(EARLIEST_START);
  const feedback = await sweep(new Date(swept).toISOString()).catch((error) => {
    if ([400, 422, 501].includes(statusOf(error) ?? 0)) return null;
    throw error;
  });
  state.save({
    done: window.until,
    window: null,
    incomplete,
    feedback: feedback === null ? saved.feedback : window.until,
  });
  state.forgetSeenRuns();
  return {
    project,
    since: window.since,
    until: window.until,
    runs: fresh.length,
    traces: whole.length,
    incomplete: Object.keys(incomplete).length,
    feedback,
  };

  /** Feedback comes when it comes, also to runs that were pulled long ago. */
  async function sweep(after: string): Promise<number> {
    const rated: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const { items, next_cursor } = await page({
        min_feedback_modified_at: after,
        filter: 'like(feedback_key, "%")', // a window of feedback must be asked together with a condition on it
        min_start_time: EARLIEST_START,
        selects: ["ID"],
        ...(cursor && { cursor }),
      });
      rated.push(...items.map(({ id }) => id!));
      cursor = next_cursor || null;
      if (!cursor) break;
    }
    if (rated.length === 0) return 0;
    const target = await projectId(to, project);
    let count = 0;
    for (const some of batchesOfFifty(rated)) {
      const all = await ask(() => feedbackOf(from, some));
      for (const one of all) if (target) await copyFeedback(to, target, one);
      count += all.length;
    }
    return count;
  }
}
