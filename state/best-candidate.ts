import { comparable, groups } from "../answers/answer.ts";
import { type Candidate, candidatesOf } from "./candidate.ts";
import type { RunInfo } from "./run-info.ts";
import type { State } from "./state.ts";
import { type ResolvedTask, resolveKind } from "./task.ts";

/** The best supported answer, and what supports it. */
export interface BestCandidate {
  candidate: Candidate;
  /** Votes for its answer and in all: one an expert, for its last answer. */
  votes: number;
  voters: number;
  accepted: boolean;
}

/** Each expert's last candidate, in the order of steps. */
export function lastCandidates(candidates: readonly Candidate[]): Candidate[] {
  const byExpert = new Map<string, Candidate>();
  for (const candidate of inOrder(candidates)) byExpert.set(candidate.expert, candidate);
  return inOrder([...byExpert.values()]);
}

const inOrder = (candidates: readonly Candidate[]) => [...candidates].sort((a, b) => a.step - b.step);
const accepted = (candidate: Candidate) => candidate.verdict?.accepted === true;
const earliest = (a: Candidate, b: Candidate) => Number(accepted(b)) - Number(accepted(a)) || a.step - b.step;

/**
 * The answer as it stands. 1. What passed all checks; 2. the largest group of equivalent answers, one vote per expert,
 * an accepting verdict adding one; kinds without equivalence go by check score instead; 3. accepted first, then earliest.
 */
export function bestCandidate(
  candidates: readonly Candidate[],
  task: ResolvedTask,
  rule: RunInfo["rule"] = "majority",
): BestCandidate | null {
  if (candidates.length === 0) return null;
  if (rule === "last") {
    const candidate = inOrder(candidates).at(-1)!;
    return { candidate, votes: 1, voters: 1, accepted: accepted(candidate) };
  }
  const passed = candidates.filter(({ check }) => check?.passed);
  const last = lastCandidates(passed.length > 0 ? passed : candidates);
  // An accepted answer stays in the race after its expert has moved on to another.
  const racing = [...new Set([...last, ...candidates.filter(accepted)])];
  if (!comparable(task.kind)) {
    const score = ({ check }: Candidate) => check?.score ?? 0;
    const candidate = racing.sort((a, b) => score(b) - score(a) || earliest(a, b))[0]!;
    return { candidate, votes: 1, voters: last.length, accepted: accepted(candidate) };
  }
  const parties = groups(
    racing.map(({ answer }) => answer),
    task,
  ).map((indices) => {
    const members = indices.map((index) => racing[index]!).sort(earliest);
    const votes = members.filter((member) => last.includes(member)).length;
    return { candidate: members[0]!, votes, support: votes + Number(members.some(accepted)) };
  });
  const best = parties.sort((a, b) => b.support - a.support || earliest(a.candidate, b.candidate))[0]!;
  const { candidate, votes } = best;
  return { candidate, votes, voters: last.length, accepted: accepted(candidate) };
}

/** The answer as it stands in a state that holds a run; null where there is none. */
export function bestCandidateOf(
  state: Pick<State, "task" | "run" | "transcript" | "candidates">,
): BestCandidate | null {
  return state.task ? bestCandidate(candidatesOf(state), resolveKind(state.task), state.run?.rule) : null;
}

/** More than half of at least two votes. */
export const hasMajority = ({ votes, voters }: BestCandidate): boolean => votes >= 2 && votes * 2 > voters;
