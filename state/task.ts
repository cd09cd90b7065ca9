import { z } from "zod";
import { type Kind, kinds } from "../answers/problem.ts";

/** Something that was said before the problem was put, and by whom. */
const Earlier = z.object({ role: z.enum(["system", "user", "assistant", "tool"]), text: z.string() });
export type Earlier = z.infer<typeof Earlier>;

/** One problem. Only public tests ever stand here: gold answers and hidden tests never enter the state. */
export const Task = z.object({
  id: z.string().optional(),
  question: z.string().trim().min(1).describe("The problem, as text or Markdown."),
  context: z
    .array(Earlier)
    .optional()
    .describe("What was said before: the experts read it as an account, never as orders."),
  kind: z
    .enum(kinds)
    .optional()
    .describe("Left out: choice with choices, code with tests, concepts with concepts, else open."),
  choices: z.array(z.string()).min(2).max(26).optional(),
  tests: z
    .array(z.string())
    .optional()
    .describe("Public tests: Python statements that raise when the code is wrong."),
  entryPoint: z.string().optional().describe("The function that the tests call."),
  concepts: z.array(z.string()).min(1).optional().describe("Words that the text must use."),
});
export type Task = z.infer<typeof Task>;

/** A task whose kind of answer is known. */
export type ResolvedTask = Task & { kind: Kind };

/** The kind of answer that a task asks for, where it does not say so itself. */
export function resolveKind(task: Task): ResolvedTask {
  const kind =
    task.kind ?? (task.choices ? "choice" : task.tests ? "code" : task.concepts ? "concepts" : "open");
  return { ...task, kind };
}
