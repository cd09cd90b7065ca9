import { comparable, equivalent, groups } from "../answers/answer.ts";
import type { Abstention, Expert, NextSpeakers, Plan, ResolvedTask, Utterance } from "../state/state.ts";

/** Who speaks next, and what for; `done` ends the discussion. Money is not looked at here. */
export type SpeakerOrder = Pick<NextSpeakers, "say" | "situation" | "who" | "round">;

interface Discussion {
  task: ResolvedTask;
  plan: Plan;
  experts: readonly Expert[];
  /** An answer stands already: the turn begins with a revision of it. */
  standing: boolean;
  /** What was said in this turn, in order. */
  said: readonly Utterance[];
  /** What was said in the turn before: who disagreed last stays when fewer may speak. */
  before: readonly Utterance[];
}

export const moneyAccounts = ["tokens", "usd", "seconds"] as const;
/** The account whose emptiness kept an expert from speaking, if that is why. */
export const exhaustedAccount = (abstained: Abstention | null) =>
  moneyAccounts.find((account) => account === abstained) ?? null;

const spoke = (utterance: Utterance) => utterance.abstained === null;
const done = (round: number): SpeakerOrder => ({ say: "done", situation: "draft", who: [], round });

/** The whole of the discussion stage: a pure function of what was said. */
export function nextSpeakers(discussion: Discussion): SpeakerOrder {
  const { plan, said, standing } = discussion;
  const opening = standing ? "revise" : "draft";
  if (plan.format === "vote") return vote(discussion);
  const who = speakers(discussion);
  const lead = who[0]!;
  const round = Math.max(0, ...said.map((utterance) => utterance.round));
  if (said.length === 0)
    return { say: "solve", situation: opening, who: plan.format === "debate" ? who : [lead], round: 0 };
  const last = said.filter((utterance) => utterance.round === round);
  if (plan.format === "debate") {
    const answers = last.filter(spoke);
    const open = answers.length > 1 && !consensus(answers, discussion.task) && round < plan.rounds;
    return open ? { say: "solve", situation: "debate", who, round: round + 1 } : done(round);
  }
  const revised = last.some(({ kind }) => kind !== "critique");
  const criticised = last.filter(({ kind }) => kind === "critique");
  // Round 0 holds a solve alone; a later round holds critiques, then the revision they led to.
  if (revised) {
    const heard = last.some((utterance) => utterance.kind !== "critique" && spoke(utterance));
    return heard && round < plan.rounds && who.length > 1
      ? { say: "critique", situation: "criticise", who: who.slice(1), round: round + 1 }
      : done(round);
  }
  return criticised.filter(spoke).some(({ agree }) => agree === false)
    ? { say: "solve", situation: "revise", who: [lead], round }
    : done(round);
}

/** The first `plan.experts` of the team; when that is fewer, the lead stays, then those who disagreed last. */
function speakers({ plan, experts, before }: Discussion): string[] {
  const names = experts.map(({ name }) => name);
  const disagreed = new Set(
    before.filter((utterance) => utterance.agree === false).map((utterance) => utterance.expert),
  );
  const [lead, ...rest] = names;
  const order = [
    lead!,
    ...rest.filter((name) => disagreed.has(name)),
    ...rest.filter((name) => !disagreed.has(name)),
  ];
  return order.slice(0, Math.max(1, plan.experts));
}

function consensus(said: readonly Utterance[], task: ResolvedTask): boolean {
  if (!comparable(task.kind)) return false;
  const [first, ...rest] = said.map(({ answer }) => answer);
  return first != null && rest.every((answer) => answer !== null && equivalent(first, answer, task));
}

/** Self-consistency that stops early: the fewest samples at once that could decide the vote. */
function vote({ task, plan, said }: Discussion): SpeakerOrder {
  const left = plan.experts - said.length;
  const batch = comparable(task.kind) ? deciding(said, left, task) : left;
  const who = Array.from({ length: batch }, (_, i) => `Sample ${said.length + i + 1}`);
  const round = said.length === 0 ? 0 : Math.max(...said.map((utterance) => utterance.round)) + 1;
  return batch > 0 ? { say: "solve", situation: "draft", who, round } : done(round);
}

function deciding(said: readonly Utterance[], left: number, task: ResolvedTask): number {
  const answers = said.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  const [first = 0, second = 0] = groups(answers, task)
    .map((group) => group.length)
    .sort((a, b) => b - a);
  if (first - second > left) return 0;
  return Math.min(left, Math.floor((left - (first - second)) / 2) + 1);
}
