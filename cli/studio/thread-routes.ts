import { type Context, Hono } from "hono";
import { DamagedFile } from "../../files/file-errors.ts";
import { errorMessage } from "../../runtime/run.ts";
import { readSavedThread, type SavedThread, savedThreadIds } from "../../runtime/saved-thread.ts";
import { NoThread } from "../../runtime/thread-id.ts";
import type { State } from "../../state/state.ts";
import { totalsOf } from "../../state/totals.ts";

/** A thread of the command line in a line; `problem` says why its files cannot be read. */
export type SavedRunLine =
  | (Pick<SavedThread, "id" | "mode" | "phase" | "changedAt"> & {
      question: string;
      status: State["status"];
      answer: string | null;
      tokens: number;
    })
  | { id: string; problem: string };

/** A thread of the command line as the page shows it. */
export type SavedRun = Omit<SavedThread, "state"> & { state: Omit<State, "messages"> };

const MOST = 100;

/** Threads that the command line keeps on this disk: to be read, not to be gone on with. */
export const threadRoutes = new Hono()
  .get("/boardroom/threads", async (c) => {
    const [limit, offset] = [number(c, "limit", 25), number(c, "offset", 0)];
    const ids = savedThreadIds().slice(offset, offset + Math.min(limit, MOST));
    return c.json(await Promise.all(ids.map(lineOf)));
  })
  .get("/boardroom/threads/:id", async (c) => {
    try {
      const { state, ...thread } = await readSavedThread(c.req.param("id"));
      const { messages: _, ...shown } = state;
      return c.json({ ...thread, state: shown } satisfies SavedRun);
    } catch (error) {
      if (error instanceof NoThread) return c.json({ detail: error.message }, 404);
      if (error instanceof DamagedFile) return c.json({ detail: error.message }, 500);
      throw error;
    }
  });

async function lineOf(id: string): Promise<SavedRunLine> {
  try {
    const { mode, phase, changedAt, state } = await readSavedThread(id);
    const { task, status, answer, spend } = state;
    const { inputTokens, outputTokens } = totalsOf(spend);
    const tokens = inputTokens + outputTokens;
    return { id, mode, phase, changedAt, question: task?.question ?? "", status, answer, tokens };
  } catch (error) {
    return { id, problem: errorMessage(error) };
  }
}

function number(c: Context, name: string, fallback: number): number {
  const asked = Number(c.req.query(name) ?? fallback);
  return Number.isInteger(asked) && asked >= 0 ? asked : fallback;
}
