import { formatInteger } from "../../evals/summary/format.ts";
import type { CandidateRecord } from "../../state/candidate.ts";
import type { Decision, Plan } from "../../state/decision.ts";
import type { Expert, Utterance } from "../../state/discussion.ts";
import type { StateUpdate } from "../../state/fold.ts";
import type { Review } from "../../state/pause.ts";
import { isPaused } from "../../state/result.ts";
import { Task } from "../../state/task.ts";
import { totalsOf } from "../../state/totals.ts";
import type { GraphRun, NodeRun } from "../../tracing/graph-run.ts";
import { foldedState, updateOf } from "../../tracing/state-of.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";

/** A traced run as lines of text: a heading for each node, what it did below it. Model text is shown as data. */
export function treeLines(graphRun: GraphRun): string[] {
  const { root, nodes, calls } = graphRun;
  const state = foldedState(graphRun);
  // Before its first node has ended, a run's question is in its input alone.
  const task = state.task ?? Task.safeParse(root.inputs?.task).data;
  const { inputTokens, outputTokens, unknownTokens, usd } = totalsOf(state.spend);
  const spent = formatInteger(inputTokens + outputTokens + unknownTokens);
  const open = isPaused(state) ? "paused" : "unfinished";
  const status = root.error ? "failed" : state.status === "running" ? open : state.status;
  return [
    `${root.metadata?.boardroom_mode}  ${root.start_time.slice(0, 19).replace("T", " ")}  ${graphRun.id}`,
    ...named("question", task?.question),
    ...named("choices", task?.choices?.join(" · ")),
    ...named("concepts", task?.concepts?.join(" · ")),
    ...nodes.flatMap((node, i) => withBranch(i === nodes.length - 1, nodeLines(node))),
    ...named("answer", state.answer ?? "none"),
    `${status} · ${spent} tokens${usd > 0 ? ` · $${usd.toFixed(4)}` : ""} · ${calls.length} calls · ${(state.elapsed / 1000).toFixed(1)} s`,
    ...named("error", root.error),
  ];
}

const secondsOf = ({ start_time, end_time }: TracedRun): number =>
  end_time ? (Date.parse(end_time) - Date.parse(start_time)) / 1000 : 0;

function named(name: string, value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  const [first = "", ...rest] = String(value).split("\n");
  return [`${name}: ${first}`, ...rest.map((line) => `  ${line}`)];
}

const withBranch = (last: boolean, [head = "", ...rest]: string[]) => [
  `${last ? "└─" : "├─"} ${head}`,
  ...rest.map((line) => `${last ? "  " : "│ "}   ${line}`),
];

function nodeLines({ run, calls }: NodeRun): string[] {
  const update: StateUpdate = run.outputs && !run.error ? updateOf(run) : {};
  const cost = run.total_tokens
    ? `  ${formatInteger(run.total_tokens)} tokens, ${secondsOf(run).toFixed(1)} s`
    : "";
  const tries = calls.length > 1 ? `, ${calls.length} calls` : "";
  return [
    `${run.name}${cost}${tries}`,
    ...(update.pause && !update.pause.answered ? ["asks a person"] : []),
    ...(update.reviews ?? []).map(reviewLine),
    ...(update.decisions ?? []).flatMap(decisionLines),
    ...(run.name === "recruit" || run.name === "human" ? (update.experts ?? []).map(expertLine) : []),
    ...(update.transcript ?? []).flatMap(utteranceLines),
    ...(update.candidates ?? []).flatMap(findingLines),
    ...(run.name === "discuss" ? nextLines(update.next) : []),
    ...(run.name === "conclude" ? named("answer", update.answer) : []),
    ...named("error", run.error),
  ];
}

function decisionLines({ asked, applied, forced, reason, changedBy }: Decision): string[] {
  const opens = applied.action === "recruit" || applied.action === "discuss";
  const numbers = ["experts", "format", "rounds", "tokensPerTurn"] satisfies (keyof Plan)[];
  const clamped = (["action", ...(opens ? numbers : [])] satisfies (keyof Plan)[]).filter(
    (key) => asked && asked[key] !== undefined && asked[key] !== applied[key],
  );
  const how = opens
    ? ` (${applied.experts} ${applied.experts === 1 ? "expert" : "experts"}, ${applied.format}, ${applied.rounds} rounds, ${applied.tokensPerTurn} tokens each)`
    : "";
  return [
    `${changedBy ? `changed by ${changedBy}` : forced ? "forced" : asked ? "decided" : "planned"}: ${applied.action}${how}`,
    ...clamped.map((key) => `asked for ${key} ${asked?.[key]}, got ${applied[key]}`),
    ...named("direction", applied.direction),
    ...named("reason", reason),
  ];
}

const done = { approve: "approves", change: "changes", stop: "stops" } as const;
const asked = { decision: "the decision", recruit: "the team", spend: "the spending" } as const;
const reviewLine = ({ by, type, at }: Review): string =>
  `${by} ${done[type]} ${type === "stop" ? "the run" : asked[at]}`;

const expertLine = ({ name, expertise, focus }: Expert): string =>
  `${name}${expertise ? `: ${expertise}` : ""}${focus ? ` (${focus})` : ""}`;

function utteranceLines({ expert, kind, round, text, answer, agree, abstained, error }: Utterance): string[] {
  if (abstained) return [`${expert} abstains (${abstained})${error ? `: ${error}` : ""}`];
  if (kind === "message") return [`${expert} says:`, ...text.split("\n").map((line) => `  ${line}`)];
  const heading =
    kind === "critique"
      ? `${expert}, round ${round}, ${agree ? "agrees" : "objects"}:`
      : `${expert}, ${kind === "draft" ? "draft" : `revision in round ${round}`}, ${answered(answer, text)}:`;
  return [heading, ...text.split("\n").map((line) => `  ${line}`)];
}

/** An answer in a heading, which has one line. */
function answered(answer: string | null, text: string): string {
  if (answer === text) return "the text is the answer";
  const [first, ...rest] = (answer ?? "none").split("\n");
  return `answer ${first}${rest.length > 0 ? " …" : ""}`;
}

function findingLines({ check, verdict }: Partial<CandidateRecord>): string[] {
  return [
    ...(check ? named(`check ${check.passed ? "passed" : "not passed"}`, check.detail) : []),
    ...(verdict
      ? named(
          verdict.accepted ? "accepted" : "rejected",
          verdict.advice || (verdict.accepted ? "as it is" : "without advice"),
        )
      : []),
  ];
}

const nextLines = (next: StateUpdate["next"]): string[] =>
  next && next.node !== "done" ? [`next: ${next.speakers.join(", ")} (${next.situation})`] : [];
