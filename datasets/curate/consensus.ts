import { comparable, equivalent } from "../../answers/answer.ts";
import type { CandidateRecord } from "../../state/candidate.ts";
import type { Utterance } from "../../state/discussion.ts";
import type { ResolvedTask } from "../../state/task.ts";
import { rejector } from "./rejection.ts";

const reject = rejector("consensus");

export const consensusRules = ["all", "majority", "off"] as const;
type ConsensusRule = (typeof consensusRules)[number];

interface Discussion {
  task: ResolvedTask;
  answer: string;
  transcript: readonly Utterance[];
  candidates: readonly CandidateRecord[];
}

/**
 * Whether the experts agree on the run's answer. Each who spoke in the last turn has one voice, its last words: a solver's
 * answer is equivalent to the run's, a critic agrees; who abstained has none. A lone solver agrees with itself, unless the
 * evaluator rejected its answer. Programs and texts have no equivalence: there a solution agrees where a check passed it,
 * the evaluator accepted it, or no other solution stands beside it.
 */
export function rejectDisagreement(discussion: Discussion, rule: ConsensusRule) {
  if (rule === "off") return null;
  const voices = voicesOf(discussion);
  if (voices.length === 0) return reject("no consensus", "nobody said anything that counts");
  const agreeing = voices.filter(({ agrees }) => agrees).length;
  const enough = rule === "all" ? agreeing === voices.length : agreeing * 2 > voices.length;
  if (!enough) {
    const against = voices.filter(({ agrees }) => !agrees).map(({ expert }) => expert);
    return reject(
      "no consensus",
      `${agreeing} of ${voices.length} agree on the answer; against it: ${against.join(", ")}`,
    );
  }
  if (voices.length === 1 && rejected(discussion, voices[0]!))
    return reject("no consensus", "a lone solver's answer, which the evaluator rejected");
  return null;
}

interface Voice {
  expert: string;
  utterance: Utterance;
  agrees: boolean;
}

function voicesOf(discussion: Discussion): Voice[] {
  const spoken = discussion.transcript.filter(({ abstained }) => abstained === null);
  const turn = Math.max(...spoken.map((utterance) => utterance.turn));
  const last = new Map<string, Utterance>();
  for (const utterance of spoken) if (utterance.turn === turn) last.set(utterance.expert, utterance);
  return [...last.values()].map((utterance) => ({
    expert: utterance.expert,
    utterance,
    agrees: agrees(utterance, [...last.values()], discussion),
  }));
}

function agrees(utterance: Utterance, all: readonly Utterance[], discussion: Discussion): boolean {
  if (utterance.kind === "critique") return utterance.agree === true;
  if (utterance.answer === null) return false;
  const { task, answer, candidates } = discussion;
  if (comparable(task.kind)) return equivalent(answer, utterance.answer, task);
  if (utterance.answer === answer) return true;
  const solutions = all.filter(({ kind }) => kind !== "critique");
  if (solutions.length === 1) return true;
  const candidate = candidates.find(({ id }) => id === utterance.id);
  return candidate?.check?.passed === true || candidate?.verdict?.accepted === true;
}

const rejected = ({ candidates }: Discussion, { utterance }: Voice): boolean =>
  candidates.find(({ id }) => id === utterance.id)?.verdict?.accepted === false;
