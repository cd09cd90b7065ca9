import type { Task } from "../../../state/task.ts";

export const taskKinds = ["open", "math", "choice", "code", "concepts"] as const;
export type TaskKind = (typeof taskKinds)[number];

/** A task from what was typed: choices and tests one a line, concepts with commas between them. */
export function taskFromForm(question: string, kind: TaskKind, more: string): Task {
  const lines = (pattern: string | RegExp) =>
    more
      .split(pattern)
      .map((line) => line.trim())
      .filter(Boolean);
  if (kind === "choice") return { question, kind, choices: lines("\n") };
  if (kind === "concepts") return { question, kind, concepts: lines(/[,\n]/) };
  if (kind === "code" && more.trim()) return { question, kind, tests: lines(/\n\s*\n/) };
  return { question, kind };
}
