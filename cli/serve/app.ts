import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { isLoopback, refusalOf } from "../../tracing/local/guard.ts";
import { ApiError, apiErrorOf } from "./api-error.ts";
import { type ChatOptions, chat } from "./chat.ts";
import { requireKey } from "./key.ts";
import { modelList, modelOf } from "./models.ts";
import { type LoggedEnv, requestLog } from "./request-log.ts";

interface AppOptions extends ChatOptions {
  /** Null: nobody is asked for one. */
  key: string | null;
  /** Where the server listens on loopback: there it answers no pages of elsewhere. Null: other machines may call it. */
  loopbackPort: number | null;
  say(line: string): void;
}

const BODY_BYTES = 4 * 1024 * 1024;

/** OpenAI's API over the team: models and chat completions. */
export function app(options: AppOptions): Hono<LoggedEnv> {
  const { key, loopbackPort: port, runs, say } = options;
  const app = new Hono<LoggedEnv>();
  app.use(requestId(), requestLog(say));
  app.use(async (c, next) => {
    const allows = (origin: URL) => isLoopback(origin);
    const refusal = port === null ? null : refusalOf(c.req.raw.headers, { port, allows });
    if (refusal !== null) throw new ApiError(403, refusal, { code: "forbidden" });
    await next();
  });
  app.get("/health", (c) => (runs.stopped ? c.json({ status: "stopping" }, 503) : c.json({ status: "ok" })));
  app.use(async (c, next) => {
    if (key !== null) requireKey(c.req.header("authorization"), key);
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES,
      onError: () => {
        throw new ApiError(413, `A request may have ${BODY_BYTES / 1024 / 1024} MB.`);
      },
    }),
  );
  app.get("/v1/models", (c) => c.json(modelList()));
  app.get("/v1/models/:id", (c) => c.json(modelOf(c.req.param("id"))));
  app.post("/v1/chat/completions", chat(options));
  app.notFound(({ req }) => {
    throw new ApiError(404, `There is nothing at ${req.method} ${req.path.slice(0, 200)}.`);
  });
  app.onError((error, c) => {
    const apiError = apiErrorOf(error);
    const note = c.get("note");
    if (note)
      note.text ||=
        apiError.cause instanceof Error ? apiError.cause.message : (apiError.body.error.code ?? "");
    for (const [name, value] of Object.entries(apiError.headers)) c.header(name, value);
    return c.json(apiError.body, apiError.status);
  });
  return app;
}
