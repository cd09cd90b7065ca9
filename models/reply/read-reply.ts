import { AccumulatedReply } from "./accumulated-reply.ts";
import { bodyText } from "./body-text.ts";
import { isObject, jsonIn } from "./json.ts";
import { plainWords } from "./plain-words.ts";
import type { ReplyDelta } from "./reply-delta.ts";
import { errorIn } from "./server-error.ts";
import { type ServerEvent, serverEvents } from "./server-events.ts";
import { ServerReplyError } from "./server-reply-error.ts";

/** After a reply has said how it ended, usage may follow; after `[DONE]` only the end of the connection. In ms. */
const WAIT_FOR_USAGE = 5000;
const WAIT_FOR_END = 250;

/** The beginning of a stream of events is known by so many characters. */
const BEGINNING = 8;

const GIVEN_UP = "the server ended the reply before it was complete";

/**
 * Reads whatever a server sends to a request for a streamed chat completion: a stream of events, one JSON completion, or
 * lines of JSON. Throws a ServerReplyError for a refusal, a page, an error object or an error in the stream, and an Error
 * where the reply breaks off.
 */
export async function* readReply(response: Response): AsyncGenerator<ReplyDelta, AccumulatedReply> {
  if (!response.ok) throw await refusal(response);
  const reply = new AccumulatedReply();
  if (!response.body) throw new Error(GIVEN_UP);
  const reading = { done: false };
  const text = bodyText(response.body, () =>
    reading.done ? WAIT_FOR_END : reply.finish !== null ? WAIT_FOR_USAGE : null,
  );
  const { beginning, rest } = await peeked(text);
  if (/^(data|event|id|retry)?:/.test(beginning)) yield* readEvents(rest, reply, reading);
  else yield readDocument(await all(rest), response, reply);
  return reply;
}

async function refusal(response: Response): Promise<ServerReplyError> {
  const body = await response.text().catch(() => "");
  const json = jsonIn(body);
  const error = errorIn(json);
  const words = error?.message ?? (plainWords(body) || response.statusText || "no reason given");
  const details = isObject(json) ? json : { said: json };
  return new ServerReplyError(words, response.status, error?.code, response.headers, error?.param, details);
}

/** Reads until it is plain what comes; `rest` gives everything once more. */
async function peeked(text: AsyncGenerator<string>) {
  let seen = "";
  while (seen.trimStart().length < BEGINNING) {
    const { value, done } = await text.next();
    if (done) break;
    seen += value;
  }
  const beginning = seen.replace(/^\uFEFF/, "").trimStart();
  async function* rest() {
    yield beginning;
    yield* text;
  }
  return { beginning, rest: rest() };
}

async function* readEvents(
  text: AsyncIterable<string>,
  reply: AccumulatedReply,
  reading: { done: boolean },
): AsyncGenerator<ReplyDelta> {
  let stray = "";
  for await (const events of serverEvents(text)) {
    const added: ReplyDelta = { text: "", reasoning: "" };
    for (const event of events) {
      if (reading.done) break;
      const data = event.data.trim();
      if (data === "[DONE]") reading.done = true;
      else if (data !== "") {
        const chunk = jsonIn(data);
        const error = errorOf(event, chunk);
        if (error) {
          if (added.text || added.reasoning) yield added; // was said before it, and may be paid for
          throw error;
        }
        if (isObject(chunk)) {
          const delta = reply.add(chunk);
          added.text += delta.text;
          added.reasoning += delta.reasoning;
        } else stray = data;
      }
    }
    if (added.text || added.reasoning) yield added;
  }
  if (reading.done || reply.complete) return;
  if (stray) throw new ServerReplyError(plainWords(stray), 500);
  throw new Error(GIVEN_UP);
}

/** An error in the middle of a stream, if the event is one; where it names no status it is the server's. */
function errorOf({ event, data }: ServerEvent, chunk: unknown): ServerReplyError | null {
  const error = chunk === undefined ? null : errorIn(chunk);
  if (error)
    return new ServerReplyError(error.message, error.status ?? 500, error.code, undefined, error.param);
  return event === "error" ? new ServerReplyError(plainWords(data), 500) : null;
}

async function all(text: AsyncIterable<string>): Promise<string> {
  let whole = "";
  for await (const piece of text) whole += piece;
  return whole;
}

/** A whole completion that came where a stream was asked for, or what came in the place of one. */
function readDocument(body: string, { status, headers }: Response, reply: AccumulatedReply): ReplyDelta {
  if (body.trim() === "") throw new Error(GIVEN_UP);
  const whole = jsonIn(body);
  const lines =
    whole === undefined
      ? body
          .split("\n")
          .filter((line) => line.trim())
          .map(jsonIn)
      : [whole];
  const error = lines.map(errorIn).find((error) => error !== null);
  if (error)
    throw new ServerReplyError(error.message, error.status ?? status, error.code, headers, error.param);
  const added: ReplyDelta = { text: "", reasoning: "" };
  for (const line of lines.filter(isObject)) {
    const delta = reply.add(line);
    added.text += delta.text;
    added.reasoning += delta.reasoning;
  }
  const taken = reply.complete || added.text !== "" || added.reasoning !== "" || reply.refusal !== "";
  if (lines.every(isObject) && taken) return added;
  if (/^[{[]/.test(body) && whole === undefined) throw new Error(GIVEN_UP); // it was cut
  throw new ServerReplyError(plainWords(body), status, undefined, headers);
}
