import { z } from "zod";
import type { Result } from "../../state/result.ts";
import { modes } from "../../state/run-info.ts";
import { Task } from "../../state/task.ts";

/** What a caller may say of a task. Tests are Python, and run where the settings say. */
const Arguments = z.object({
  ...Task.pick({ question: true, kind: true, choices: true, tests: true, entryPoint: true, concepts: true })
    .shape,
  mode: z
    .enum(modes)
    .optional()
    .describe(
      "Who works on it: a team with a CEO (ceo), a team with a fixed plan, a vote, or one expert (solo).",
    ),
  budget_tokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Input plus output tokens that the whole run may take; left out: the server's."),
});
export type Arguments = z.infer<typeof Arguments>;

/** The tool, as a client lists it. */
export const solveTool = {
  name: "solve",
  title: "Solve with a team",
  description:
    "Puts one self-contained problem to a team of LLM experts, which works on it within a token budget and gives one answer. Takes seconds to minutes; progress tells who speaks, what is decided and what is left of the budget.",
  inputSchema: { ...z.toJSONSchema(Arguments, { io: "input" }), type: "object" as const },
  annotations: { destructiveHint: false, openWorldHint: true },
};

/** Reads a call's arguments; one sentence where they cannot be used. */
export function argumentsIn(given: unknown): Arguments | string {
  const parsed = Arguments.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".") || "The arguments"}: ${issue?.message}.`;
}

const count = (tokens: number) => tokens.toLocaleString("en-US");

/** What a client is given of a result: the answer and a line of account as text, and both as fields. */
export function contentOf({ answer, status, mode, usage, budget, overBudget, threadId, error }: Result) {
  const spent = usage.inputTokens + usage.outputTokens;
  const account = [
    `${status} in mode ${mode}: ${count(spent)} of ${count(budget.tokens)} tokens, ${usage.calls} ${usage.calls === 1 ? "call" : "calls"}; thread ${threadId}.`,
    ...(overBudget === undefined ? [] : [overBudget]),
    ...(error === undefined ? [] : [error]),
  ].join(" ");
  const said = answer ?? "The team found no answer.";
  return {
    content: [said, account].map((text) => ({ type: "text" as const, text })),
    structuredContent: {
      ...{ answer, status, mode, usage, budget, threadId },
      ...(overBudget !== undefined && { overBudget }),
      ...(error !== undefined && { error }),
    },
    ...(answer === null && { isError: true }),
  };
}
