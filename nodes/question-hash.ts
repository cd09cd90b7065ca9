import { createHash } from "node:crypto";
import type { Task } from "../state/task.ts";

/** Tells questions apart. */
export const questionHash = (task: Task): string =>
  createHash("sha256").update(JSON.stringify(task)).digest("hex").slice(0, 16);
