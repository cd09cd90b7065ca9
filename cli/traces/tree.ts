import { type Discussion, type Stage, secondsBetween } from "../../tracing/discussion.ts";
import { tokens } from "../progress.ts";

type Json = Record<string, unknown>;

/** A traced run as lines of text: a heading for each stage, what it did below it. Model text is shown as data. */
export function told({ root, task, stages }: Discussion): string[] {
  const metadata = root.metadata ?? {};
  const { answer, status } = (root.outputs ?? {}) as { answer?: unknown; status?: unknown };
  const spent = Number(metadata.boardroom_tokens ?? 0);
  const calls = stages.reduce((sum, stage) => sum + stage.calls.length, 0);
  const usd = Number(metadata.boardroom_usd ?? 0);
  return [
    `${root.name}  ${root.start_time?.slice(0, 19).replace("T", " ")}  ${root.trace_id ?? root.id}`,
    ...named("question", task.question),
    ...named("choices", listed(task.choices)),
    ...named("concepts", listed(task.concepts)),
    ...stages.flatMap((stage, i) => withBranch(i === stages.length - 1, stageLines(stage))),
    ...named("answer", answer ?? "none"),
    `${status ?? "unfinished"} · ${tokens(spent)} tokens${usd > 0 ? ` · $${usd.toFixed(4)}` : ""} · ${calls} calls · ${secondsBetween(root.start_time, root.end_time).toFixed(1)} s`,
    ...(root.error ? named("error", root.error) : []),
  ].map(printable);
}

/** Control characters in a model's words must not reach the terminal. */
const printable = (line: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  line.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");

const listed = (value: unknown) => (Array.isArray(value) ? value.join(" · ") : undefined);

function named(name: string, value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  const [first = "", ...rest] = String(value).split("\n");
  return [`${name}: ${first}`, ...rest.map((line) => `  ${line}`)];
}

const withBranch = (last: boolean, [head = "", ...rest]: string[]) => [
  `${last ? "└─" : "├─"} ${head}`,
  ...rest.map((line) => `${last ? "  " : "│ "}   ${line}`),
];

function stageLines({ node, seconds, tokens: spent, error, changed, calls }: Stage): string[] {
  const cost = spent > 0 ? `  ${tokens(spent)} tokens, ${seconds.toFixed(1)} s` : "";
  const tries = calls.length > 1 ? `, ${calls.length} calls` : "";
  return [
    `${node}${cost}${tries}`,
    ...items(changed.decisions).flatMap(decision),
    ...(node === "recruit" ? items(changed.experts).map(expert) : []),
    ...items(changed.transcript).flatMap(utterance),
    ...items(changed.candidates).flatMap(verdict),
    ...(node === "discuss" ? floor(changed.next) : []),
    ...(node === "conclude" ? named("answer", changed.answer) : []),
    ...named("error", error),
  ];
}

const items = (value: unknown): Json[] => (Array.isArray(value) ? value : []);

function decision({ asked, applied, forced, reason }: Json): string[] {
  const asks = asked as Json | null | undefined;
  const does = (applied ?? {}) as Json;
  const differs = (key: string) => asks && asks[key] !== undefined && asks[key] !== does[key];
  const changed = ["action", "experts", "format", "rounds", "tokensPerTurn"].filter(differs);
  const opens = does.action === "recruit" || does.action === "discuss";
  const how = opens
    ? ` (${does.experts} experts, ${does.format}, ${does.rounds} rounds, ${does.tokensPerTurn} tokens each)`
    : "";
  return [
    `${forced ? "forced" : asks ? "decided" : "planned"}: ${does.action}${how}`,
    ...changed.map((key) => `asked for ${key} ${asks?.[key]}, got ${does[key]}`),
    ...named("direction", does.direction),
    ...named("reason", reason),
  ];
}

const expert = ({ name, expertise, focus }: Json) =>
  `${name}${expertise ? `: ${expertise}` : ""}${focus ? ` (${focus})` : ""}`;

function utterance({ expert: who, kind, round, text, answer, agree, abstained, error }: Json): string[] {
  if (abstained) return [`${who} abstains (${abstained})${error ? `: ${error}` : ""}`];
  const how =
    kind === "critique"
      ? `${who}, round ${round}, ${agree ? "agrees" : "objects"}:`
      : `${who}, ${kind === "draft" ? "draft" : `revision in round ${round}`}, ${answered(answer, text)}:`;
  return [
    how,
    ...String(text ?? "")
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}

/** An answer in a heading, which has one line. */
function answered(answer: unknown, text: unknown): string {
  if (answer === text) return "the text is the answer";
  const [first, ...rest] = String(answer ?? "none").split("\n");
  return `answer ${first}${rest.length > 0 ? " …" : ""}`;
}

function verdict({ check, verified, verdict: judged }: Json): string[] {
  const checked = check as { score: number; detail: string } | null | undefined;
  const said = judged as { accepted: boolean; advice: string } | null | undefined;
  return [
    ...(checked ? named(`check ${verified ? "passed" : "not passed"}`, checked.detail) : []),
    ...(said
      ? named(
          said.accepted ? "accepted" : "rejected",
          said.advice || (said.accepted ? "as it is" : "without advice"),
        )
      : []),
  ];
}

function floor(next: unknown): string[] {
  const { say, who, situation } = (next ?? {}) as { say?: string; who?: string[]; situation?: string };
  return say && say !== "done" ? [`floor: ${who?.join(", ")} (${situation})`] : [];
}
