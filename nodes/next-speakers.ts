import { comparable, equivalent, groups } from "../answers/answer.ts";
import type { Plan } from "../state/decision.ts";
import type { Abstention, Expert, NextSpeakers, Utterance } from "../state/discussion.ts";
import type { ResolvedTask } from "../state/task.ts";

/** Who speaks next, and what for; `done` ends the discussion. Money is not looked at here. */
export type SpeakerOrder = Pick<NextSpeakers, "node" | "situation" | "speakers" | "round">;

interface Discussion {
  task: ResolvedTask;
  plan: Plan;
  experts: readonly Expert[];
  /** An answer stands already: the turn begins with a revision of it. */
  standing: boolean;
  /** What was said in this turn, in order. */
  utterances: readonly Utterance[];
  /** What was said in the turn before: who disagreed last stays when fewer may speak. */
  before: readonly Utterance[];
}

const moneyAccounts = ["tokens", "usd", "seconds"] as const;
/** The account whose emptiness kept an expert from speaking, if that is why. */
export const exhaustedAccount = (abstained: Abstention | null) =>
  moneyAccounts.find((account) => account === abstained) ?? null;

const hasSpoken = (utterance: Utterance) => utterance.abstained === null;
const endDiscussion = (round: number): SpeakerOrder => ({
  node: "done",
  situation: "draft",
  speakers: [],
  round,
});

/** The whole of the discussion stage: a pure function of what was said. */
export function nextSpeakers(discussion: Discussion): SpeakerOrder {
  const { plan, utterances, standing } = discussion;
  const opening = standing ? "revise" : "draft";
  if (plan.format === "vote") return voteSpeakers(discussion);
  const named = speakerNames(discussion);
  const lead = named[0]!;
  const round = Math.max(0, ...utterances.map((utterance) => utterance.round));
  if (utterances.length === 0)
    return {
      node: "solve",
      situation: opening,
      speakers: plan.format === "debate" ? named : [lead],
      round: 0,
    };
  const last = utterances.filter((utterance) => utterance.round === round);
  if (plan.format === "debate") {
    const answers = last.filter(hasSpoken);
    const open = answers.length > 1 && !isConsensus(answers, discussion.task) && round < plan.rounds;
    return open
      ? { node: "solve", situation: "debate", speakers: named, round: round + 1 }
      : endDiscussion(round);
  }
  const revised = last.some(({ kind }) => kind !== "critique");
  const criticised = last.filter(({ kind }) => kind === "critique");
  // Round 0 holds a solve alone; a later round holds critiques, then the revision they led to.
  if (revised) {
    const anyoneSpoke = last.some((utterance) => utterance.kind !== "critique" && hasSpoken(utterance));
    return anyoneSpoke && round < plan.rounds && named.length > 1
      ? { node: "critique", situation: "criticise", speakers: named.slice(1), round: round + 1 }
      : endDiscussion(round);
  }
  return criticised.filter(hasSpoken).some(({ agree }) => agree === false)
    ? { node: "solve", situation: "revise", speakers: [lead], round }
    : endDiscussion(round);
}

/** The first `plan.experts` of the team; when that is fewer, the lead stays, then those who disagreed last. */
function speakerNames({ plan, experts, before }: Discussion): string[] {
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

function isConsensus(utterances: readonly Utterance[], task: ResolvedTask): boolean {
  if (!comparable(task.kind)) return false;
  const [first, ...rest] = utterances.map(({ answer }) => answer);
  return first != null && rest.every((answer) => answer !== null && equivalent(first, answer, task));
}

/** Self-consistency that stops early: the fewest samples at once that could decide the vote. */
function voteSpeakers({ task, plan, utterances }: Discussion): SpeakerOrder {
  const left = plan.experts - utterances.length;
  const batch = comparable(task.kind) ? decidingBatch(utterances, left, task) : left;
  const speakers = Array.from({ length: batch }, (_, i) => `Sample ${utterances.length + i + 1}`);
  const round = utterances.length === 0 ? 0 : Math.max(...utterances.map((utterance) => utterance.round)) + 1;
  return batch > 0 ? { node: "solve", situation: "draft", speakers, round } : endDiscussion(round);
}

function decidingBatch(utterances: readonly Utterance[], left: number, task: ResolvedTask): number {
  const answers = utterances.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  const [first = 0, second = 0] = groups(answers, task)
    .map((group) => group.length)
    .sort((a, b) => b - a);
  if (first - second > left) return 0;
  return Math.min(left, Math.floor((left - (first - second)) / 2) + 1);
}
