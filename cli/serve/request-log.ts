import type { MiddlewareHandler } from "hono";
import type { RequestIdVariables } from "hono/request-id";

/** What the log says of a request besides its path and status, and when a reply that is streamed has ended. */
interface Note {
  text: string;
  ended?: Promise<void>;
}

export type LoggedEnv = { Variables: RequestIdVariables & { note: Note } };

/** One line for each request when it has ended: never what was asked or answered. */
export const requestLog =
  (say: (line: string) => void): MiddlewareHandler<LoggedEnv> =>
  async (c, next) => {
    const began = performance.now();
    const note: Note = { text: "" };
    c.set("note", note);
    await next();
    const { status } = c.res;
    const line = () => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const parts = [c.req.method, c.req.path.slice(0, 80), status, note.text, `${seconds} s`];
      say(`${parts.filter(Boolean).join(" ")} request ${c.get("requestId")}`);
    };
    if (note.ended) void note.ended.then(line);
    else line();
  };
