import type { State, Status } from "./launcher.ts";

/** What squeue or sacct says about a job. */
interface JobReport {
  /** The long form: "PENDING", "CANCELLED by 1000". */
  state: string;
  /** Why it waits, as squeue's %r: "Priority", "Resources". */
  reason?: string;
  /** sacct's "code:signal". */
  exitCode?: string;
}

const AGAIN = "resume with the same launch command";

const pending: Record<string, string> = {
  Priority: "jobs of higher priority are ahead of it",
  Resources: "no nodes are free yet",
  BeginTime: "Slurm put it back into the queue and starts it again in a moment",
  QOSMaxJobsPerUserLimit: "you run as many jobs as your quality of service allows",
  AssocGrpGRES: "your account uses all the GPUs it may",
  ReqNodeNotAvail: "the nodes it needs are down or reserved",
  PartitionTimeLimit:
    "it asks for more time than the partition allows, so it will never start: cancel it and launch with a shorter --time",
};

type Description = (report: JobReport) => [State, string];

const reason = (report: JobReport): string => {
  const why = report.reason && report.reason !== "None" ? report.reason.replace(/[()]/g, "") : "";
  const explanation = pending[why.split(",")[0]!];
  return why ? `: ${explanation ? `${explanation} (${why})` : why}` : "";
};

/** As a shell would say it: a signal is 128 and its number. */
const exitOf = ({ exitCode }: JobReport): { code: number | null; text: string } => {
  const found = /^(\d+)(?::(\d+))?$/.exec(exitCode ?? "");
  if (!found) return { code: null, text: "" };
  const [code, signal] = [Number(found[1]), Number(found[2] ?? 0)];
  return signal > 0
    ? { code: 128 + signal, text: ` by signal ${signal}` }
    : { code, text: ` with exit code ${code}` };
};

/** The states of squeue(1) and sacct(1), one sentence each. */
const descriptions: Record<string, Description> = {
  PENDING: (report) => ["waiting", `waits in the queue${reason(report)}.`],
  CONFIGURING: () => ["waiting", "has its nodes, which are being started."],
  REQUEUED: () => ["waiting", "was put back into the queue and goes on from its last checkpoint."],
  REQUEUE_HOLD: () => ["waiting", "was put back into the queue and is held: scontrol release lets it go on."],
  REQUEUE_FED: () => ["waiting", "was put back into the queue of another cluster."],
  SPECIAL_EXIT: () => ["waiting", "was put back into the queue and is held: scontrol release lets it go on."],
  RESV_DEL_HOLD: () => ["waiting", "is held, because its reservation was deleted."],
  SUSPENDED: () => ["waiting", "is suspended: its nodes work for another job."],
  STOPPED: () => ["waiting", "is stopped and keeps its nodes."],
  RUNNING: () => ["running", "is training."],
  COMPLETING: () => ["running", "is ending."],
  STAGE_OUT: () => ["running", "is ending: its files are brought back."],
  SIGNALING: () => ["running", "is being signalled."],
  RESIZING: () => ["running", "is changing its size."],
  COMPLETED: () => ["done", "finished."],
  FAILED: (report) => ["failed", `failed${exitOf(report).text}.`],
  BOOT_FAIL: () => ["stopped", `ended, because a node did not start: ${AGAIN}.`],
  NODE_FAIL: () => ["stopped", `ended, because a node failed: ${AGAIN}.`],
  PREEMPTED: () => ["stopped", `was preempted by a job of higher priority: ${AGAIN}.`],
  REVOKED: () => ["stopped", "was taken over by another cluster."],
  TIMEOUT: () => ["stopped", `reached its time limit: ${AGAIN}, with a longer --time if it needs one.`],
  DEADLINE: () => ["stopped", `reached its deadline: ${AGAIN}.`],
  CANCELLED: () => ["cancelled", "was cancelled."],
  OUT_OF_MEMORY: () => [
    "failed",
    "ran out of memory on a node: ask for more nodes or GPUs, or a smaller cutoff_len, and launch it under another --name.",
  ],
};

/** Pure. */
export function statusOf(job: string, report: JobReport): Status {
  const [name = "", ...rest] = report.state.trim().split(/\s+/);
  // sacct cuts long names and marks them with "+".
  const key = Object.keys(descriptions).find((known) =>
    name.endsWith("+") ? known.startsWith(name.slice(0, -1)) : known === name,
  );
  if (!key)
    return { state: "unknown", detail: `job ${job} is in the state ${report.state}.`, exitCode: null };
  const [state, words] = descriptions[key]!(report);
  const by = state === "cancelled" && rest[0] === "by" ? words.replace(/\.$/, ` by user ${rest[1]}.`) : words;
  const exitCode = state === "done" || state === "failed" ? exitOf(report).code : null;
  return { state, detail: `job ${job} ${by}`, exitCode };
}
