import type { Plan } from "../../../state/decision.ts";
import type { AnswerInput, PauseRequest } from "../../../state/pause.ts";

export interface NamedExpert {
  name: string;
  expertise: string;
}

/** What a person filled in. */
export interface AnswerForm {
  plan: Plan | null;
  experts: readonly NamedExpert[];
  message: string;
  by: string;
  /** Beyond how many tokens to ask again; empty: never. */
  pauseTokens: string;
}

/** What a request is filled in with before a person changes anything. */
export const initialAnswer = ({ actions, decision, experts }: PauseRequest): AnswerForm => ({
  plan: actions.length > 0 ? (decision?.applied ?? null) : null,
  experts: experts.map(({ name, expertise }) => ({ name, expertise })),
  message: "",
  by: "",
  pauseTokens: "",
});

/** The fields of a plan that are not as they were. */
export function changedFields(before: Plan | undefined, after: Plan | null): Partial<Plan> {
  if (!before || !after) return {};
  const changed = Object.entries(after).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof Plan]),
  );
  return Object.fromEntries(changed);
}

/** The answer that this makes: a change where a plan or a team was changed, else an approval. */
export function answerFrom(request: PauseRequest, filled: AnswerForm): Exclude<AnswerInput, string> {
  const plan = changedFields(request.decision?.applied, filled.plan);
  const before = initialAnswer(request);
  const team = filled.experts.filter(({ name }) => name.trim() !== "");
  const otherTeam = request.at === "recruit" && JSON.stringify(team) !== JSON.stringify(before.experts);
  const otherPlan = Object.keys(plan).length > 0;
  return {
    type: otherPlan || otherTeam ? "change" : "approve",
    ...messageFields(filled),
    ...(otherPlan && { plan }),
    ...(otherTeam && { experts: team }),
    ...(request.at === "spend" && filled.pauseTokens && { pauseTokens: Number(filled.pauseTokens) }),
  };
}

/** A person's words and name, where there are any. */
export const messageFields = ({ message, by }: Pick<AnswerForm, "message" | "by">) => ({
  ...(message.trim() && { message: message.trim() }),
  ...(by.trim() && { by: by.trim() }),
});
