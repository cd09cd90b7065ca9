import { createParser, type EventSourceMessage } from "eventsource-parser";

export type ServerEvent = Pick<EventSourceMessage, "event" | "data">;

/**
 * The events of a stream, all that one read brought at a time. Data lines without an empty line between them are events
 * of their own where each is JSON, and so is a line of JSON without `data:`.
 */
export async function* serverEvents(body: AsyncIterable<string>): AsyncGenerator<ServerEvent[]> {
  let events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(...separated(event, data)),
    onError: ({ line }) => {
      if (line?.trim().startsWith("{")) events.push({ data: line.trim(), event: undefined });
    },
  });
  for await (const text of body) {
    parser.feed(text);
    if (events.length > 0) yield events;
    events = [];
  }
  parser.feed("\n\n"); // the last event may lack its end
  if (events.length > 0) yield events;
}

function separated(event: string | undefined, data: string): ServerEvent[] {
  const lines = data.split("\n");
  if (lines.length === 1) return [{ event, data }];
  const alone = lines.every((line) => /^\s*(\{.*\}|\[DONE\])?\s*$/.test(line));
  return alone
    ? lines.filter((line) => line.trim()).map((line) => ({ event, data: line }))
    : [{ event, data }];
}
