import { boxes } from "../../answers/boxed.ts";
import { extract as extractChoice } from "../../answers/choice.ts";
import { extract as extractCode } from "../../answers/code.ts";
import { extract as extractOpen } from "../../answers/open.ts";
import { spoken } from "../../answers/reply.ts";
import type { ResolvedTask } from "../../state/task.ts";
import { rejector } from "./rejection.ts";
import { repetition } from "./repetition.ts";
import { columns, type DatasetRow } from "./row.ts";

const reject = rejector("format");

/** A reply that says half of its stretches twice is a loop. */
const LOOP = 0.5;

/** Replies that nobody should learn to write: empty, with thinking left open, in a loop, or with no answer in its form. */
export function rejectMalformed(
  row: DatasetRow,
  task: Pick<ResolvedTask, "kind" | "choices" | "entryPoint">,
) {
  if (row.turns.length === 0) return reject("empty", "no agent said anything");
  for (const { role, at, expert } of row.turns) {
    const text = row[columns[role]][at]!.content;
    const who = expert ?? role;
    if (!balanced(text)) return reject("thinking", `the thinking of ${who} (${role}) is not closed once`);
    if (spoken(text) === "") return reject("empty", `${who} (${role}) said nothing`);
    const share = repetition(text);
    if (share > LOOP)
      return reject(
        "repetition",
        `${Math.round(100 * share)} % of what ${who} (${role}) said repeats itself`,
      );
  }
  const last = row.turns.findLast(({ role }) => role === "solve");
  if (!last) return reject("answer form", "nobody solved anything");
  const solution = spoken(row.problem_solver_messages[last.at]!.content);
  if (!answered(solution, task))
    return reject("answer form", `the last solution does not give its answer as ${forms[task.kind]}`);
  return null;
}

/** No thinking, or one block at the beginning. */
function balanced(text: string): boolean {
  const opened = text.split("<think>").length - 1;
  const closed = text.split("</think>").length - 1;
  if (opened === 0 && closed === 0) return true;
  return opened === 1 && closed === 1 && text.trimStart().startsWith("<think>");
}

const forms = {
  math: "\\boxed{…}",
  choice: "a letter in a box or behind “Answer:”",
  code: "a closed code block",
  concepts: "a text",
  open: "a box or a line “Answer: …”",
} as const;

/** Whether the answer stands in the form that its prompt asks for. */
function answered(solution: string, task: Pick<ResolvedTask, "kind" | "choices" | "entryPoint">): boolean {
  const problem = {
    ...(task.choices && { choices: task.choices }),
    ...(task.entryPoint && { entryPoint: task.entryPoint }),
  };
  switch (task.kind) {
    case "math":
      return boxes(solution).closed.length > 0;
    case "choice":
      return ["statement", "boxed option"].includes(extractChoice(solution, problem).method);
    case "code":
      return ["fence", "entry point", "all fences"].includes(extractCode(solution, problem).method);
    case "concepts":
      return solution !== "";
    case "open":
      return ["boxed", "announced"].includes(extractOpen(solution).method);
  }
}
