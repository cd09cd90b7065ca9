import { z } from "zod";
import { actions } from "./actions.ts";
import { Decision, Plan } from "./decision.ts";
import { Expert } from "./discussion.ts";

/** What a person is asked about: a decision before it takes effect, a team that was put together, money before it is spent. */
const occasion = z.enum(["decision", "recruit", "spend"]);

/** A node that routes has asked for a person; `answered` once one has replied, until that node has gone on. */
export const Pause = z.object({
  at: occasion,
  /** The node that goes on afterwards. */
  from: z.enum(["ceo", "plan", "discuss"]),
  /** The decision that waits to take effect, if one does; where `at` says so, the last one. */
  decision: z.string().optional(),
  /** The most tokens that the next step takes, a repair of its reply left out; left out where nobody has counted. */
  next: z.number().optional(),
  answered: z.boolean().optional(),
});
export type Pause = z.infer<typeof Pause>;

/** What a person sees: the value of LangGraph's interrupt. */
export const PauseRequest = z.object({
  at: occasion,
  question: z.string(),
  /** The last decision; null before the first. */
  decision: Decision.nullable(),
  /** What a changed decision may do; empty where no decision waits to take effect. */
  actions: z.array(z.enum(actions)),
  experts: z.array(Expert),
  /** Tokens: so far, the most that the next step takes (null: nobody has counted), and beyond which a person is asked. */
  spent: z.number(),
  next: z.number().nullable(),
  limit: z.number().nullable(),
  /** Why an answer before this one was not taken. */
  problem: z.string().optional(),
});
export type PauseRequest = z.infer<typeof PauseRequest>;

const Named = z.strictObject({ name: z.string().trim().min(1), expertise: z.string().default("") });

const Given = z.strictObject({
  type: z.enum(["approve", "change", "stop"]),
  by: z.string().trim().min(1).max(80).default("user"),
  message: z.string().trim().min(1).max(20_000).optional(),
  plan: Plan.partial().strict().optional(),
  experts: z.array(Named).min(1).max(32).optional(),
  pauseTokens: z.number().int().positive().optional(),
});

/** What a person answers. A bare text is one of the three words, or a message that approves. */
export const Answer = z.preprocess(
  (given) => (typeof given === "string" ? spoken(given) : given),
  Given,
) as z.ZodType<z.infer<typeof Given>, string | z.input<typeof Given>>;
export type Answer = z.infer<typeof Answer>;
export type AnswerInput = z.input<typeof Answer>;

const spoken = (text: string) =>
  Given.shape.type.options.find((word) => word === text.trim().toLowerCase())
    ? { type: text.trim().toLowerCase() }
    : { type: "approve", message: text };

/** An answer that does not fit what was asked; the run stays where it is. */
export class AnswerError extends Error {
  override name = "AnswerError";
}

/** The answer, if it is one to this request. Throws AnswerError. */
export function checkedAnswer(given: unknown, { at, actions: open }: PauseRequest): Answer {
  const { data, error } = Answer.safeParse(given);
  if (!data) {
    const [issue] = error.issues;
    throw new AnswerError(
      `the answer is not understood: ${[...(issue?.path ?? []), issue?.message].join(": ")}`,
    );
  }
  const { type, plan, experts, pauseTokens } = data;
  const change = (plan && Object.keys(plan).length > 0) || experts !== undefined;
  if (type === "change" && !change) throw new AnswerError("a change says what to change: plan, or experts");
  if (type !== "change" && (plan || experts))
    throw new AnswerError(`plan and experts belong to a change, not to "${type}"`);
  if (plan && open.length === 0)
    throw new AnswerError("no decision waits to take effect now: the plan cannot be changed");
  if (experts && at !== "recruit") throw new AnswerError("experts can be changed after they were recruited");
  if (pauseTokens !== undefined && at !== "spend")
    throw new AnswerError("pauseTokens answers a pause before spending");
  if (plan?.format === "vote") throw new AnswerError("the format can be critique or debate");
  if (plan?.action && !open.includes(plan.action))
    throw new AnswerError(`the action can be ${open.join(" or ")} now, not ${plan.action}`);
  return data;
}

/** What a person answered, dated by the step of node `human`. Its message stands in the transcript. */
export const Review = z.object({
  id: z.string(),
  step: z.number().int(),
  at: occasion,
  type: z.enum(["approve", "change", "stop"]),
  by: z.string(),
  /** The last decision then; null before the first. */
  decision: z.string().nullable(),
  /** What would have been done, where a decision was changed or stopped. */
  was: Plan.nullable(),
  /** From what total on a person is asked again; null: not again, or not asked about. */
  pauseTokens: z.number().nullable(),
});
export type Review = z.infer<typeof Review>;

/** Tokens beyond which a person is asked, before they are spent; Infinity: never (again). */
export function spendLimit(
  reviews: readonly Review[],
  { pauseTokens }: { pauseTokens: number | null },
): number {
  const last = reviews.findLast(({ at }) => at === "spend");
  return (last ? last.pauseTokens : pauseTokens) ?? Number.POSITIVE_INFINITY;
}
