import type { Client } from "langsmith";
import type { Run } from "langsmith/resources/runs";
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
import { failedRequestFiles, readFailedRequest, removeFailedRequest } from "./failed-requests.ts";
import { redactingFetch } from "./redacting-fetch.ts";

interface ResendResult {
  sent: number;
  /** Batches that are still on disk, and why. */
  left: number;
  why?: string;
}

/** Keys of several workspaces say which they mean, as the SDK does. */
const workspace = (): Record<string, string> =>
  process.env.LANGSMITH_WORKSPACE_ID ? { "x-tenant-id": process.env.LANGSMITH_WORKSPACE_ID } : {};

/** Sends what could not be sent when it was made, the oldest first; what LangSmith has is forgotten here. */
export async function pushFailedRequests(host: string, key: string): Promise<ResendResult> {
  const files = failedRequestFiles();
  let sent = 0;
  let why: string | undefined;
  for (const file of files) {
    const { endpoint, headers, body_base64 } = readFailedRequest(file);
    try {
      const body = Buffer.from(body_base64, "base64");
      const reply = await redactingFetch(`${host}/${endpoint}`, {
        method: "POST",
        headers: { ...headers, "x-api-key": key, ...workspace() },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(30_000),
      });
      // 409: it came through after all
      if (reply.ok || reply.status === 409) {
        removeFailedRequest(file);
        sent++;
      } else why = `LangSmith at ${host} answered ${reply.status}`;
    } catch {
      why = `LangSmith at ${host} does not answer`;
      break;
    }
  }
  return { sent, left: files.length - sent, ...(why && { why }) };
}

interface PushResult {
  traces: number;
  /** Runs that LangSmith did not have. */
  runs: number;
  feedback: number;
}

/** Copies traces of a local project to LangSmith's project of that name. What is there already is left as it is. */
export async function pushTraces(
  from: Client,
  to: Client,
  project: { id: string; name: string },
  traces: string[],
): Promise<PushResult> {
  const copied: PushResult = { traces: traces.length, runs: 0, feedback: 0 };
  let target = await projectId(to, project.name);
  for (const trace_id of traces) {
    const runs: Run[] = [];
    const query = { project_ids: [project.id], trace_id, min_start_time: EARLIEST_START, selects: runFields };
    for await (const run of from.runs.query(query)) runs.push(run);
    for (const some of batchesOfFifty(runs)) {
      const ids = some.map(({ id }) => id!);
      const there = await existingRunIds(to, target, ids);
      const missing = some.filter(({ id }) => !there.has(id!));
      if (missing.length > 0)
        await to.batchIngestRuns({ runCreates: missing.map((run) => runCreateOf(run, project.name)) });
      copied.runs += missing.length;
      target ??= await projectId(to, project.name); // made by what was just sent
      const feedback = await feedbackOf(from, ids);
      const known = new Set(feedback.length > 0 ? (await feedbackOf(to, ids)).map(({ id }) => id) : []);
      for (const one of feedback.filter(({ id }) => !known.has(id))) {
        if (!target) continue;
        await copyFeedback(to, target, one);
        copied.feedback++;
      }
    }
  }
  return copied;
}
