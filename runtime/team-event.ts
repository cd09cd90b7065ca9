import { spent } from "../models/call.ts";
import type { Check, Verdict } from "../state/candidate.ts";
import type { Decision } from "../state/decision.ts";
import type { Utterance } from "../state/discussion.ts";
import type { PauseRequest } from "../state/pause.ts";
import type { State } from "../state/state.ts";
import type { RunEvent } from "./run.ts";

/** What a team does, as `stream` tells it. */
export type TeamEvent =
  /** An expert, or a person (`message`), has spoken; `abstained` says why nothing that counts was said. */
  | ({ type: "speaks" } & Pick<Utterance, "expert" | "kind" | "text" | "answer" | "agree" | "abstained">)
  /** What the CEO asked for (null: the decision was forced, or is the mode's) and what is done. */
  | ({ type: "decision" } & Pick<Decision, "asked" | "applied" | "reason">)
  /** What tests or checks found about an expert's answer, without a model. */
  | ({ type: "check"; expert: string; answer: string } & Pick<Check, "passed" | "score" | "detail">)
  /** What the evaluator said of an expert's answer. */
  | ({ type: "verdict"; expert: string; answer: string } & Pick<Verdict, "accepted" | "advice">)
  /** The whole run's money after a step; `left` is never below 0, and null where dollars have no limit. */
  | {
      type: "ledger";
      spent: { tokens: number; usd: number };
      left: { tokens: number; usd: number | null };
    }
  /** A person is asked. */
  | { type: "paused"; pause: PauseRequest };

/** What one event of a run tells of the team, in the order in which it came about; `after` is the state once it is folded in. */
export function teamEvents(event: RunEvent, after: State): TeamEvent[] {
  if (event.type === "paused") return [event];
  if (event.type !== "update") return [];
  const { transcript = [], candidates = [], decisions = [], spend = [] } = event.update;
  return [
    ...decisions.map(({ asked, applied, reason }) => ({
      type: "decision" as const,
      asked,
      applied,
      reason,
    })),
    ...transcript.map(({ expert, kind, text, answer, agree, abstained }) => ({
      type: "speaks" as const,
      expert,
      kind,
      text,
      answer,
      agree,
      abstained,
    })),
    ...candidates.flatMap((found) => findings(found, after)),
    ...(spend.length > 0 ? ledger(after) : []),
  ];
}

function findings(
  { id, check, verdict }: { id: string; check?: Check | null; verdict?: Verdict | null },
  { transcript }: State,
): TeamEvent[] {
  const utterance = transcript.find((utterance) => utterance.id === id);
  if (!utterance || utterance.answer === null) return [];
  const about = { expert: utterance.expert, answer: utterance.answer };
  return [
    ...(check
      ? [
          {
            type: "check" as const,
            ...about,
            passed: check.passed,
            score: check.score,
            detail: check.detail,
          },
        ]
      : []),
    ...(verdict
      ? [{ type: "verdict" as const, ...about, accepted: verdict.accepted, advice: verdict.advice }]
      : []),
  ];
}

function ledger({ run, spend }: State): TeamEvent[] {
  if (!run) return [];
  const used = spent(spend);
  const tokens = Math.max(0, run.budget.tokens - used.tokens);
  const usd = run.budget.usd === null ? null : Math.max(0, run.budget.usd - used.usd);
  return [{ type: "ledger", spent: used, left: { tokens, usd } }];
}
