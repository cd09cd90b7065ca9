import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { BaseMessage } from "@langchain/core/messages";
import { z } from "zod";
import { redacted } from "./errors.ts";

const Usage = z.object({ input: z.number(), output: z.number(), reasoning: z.number(), cached: z.number() });

/** One recorded reply, and the request it answers. Headers and keys are never part of it. */
export const Recorded = z.object({
  key: z.string(),
  request: z.object({
    model: z.string(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })),
    params: z.record(z.string(), z.unknown()),
    repeat: z.string(),
  }),
  reply: z.object({ text: z.string(), reasoning: z.string(), finish: z.string(), usage: Usage.nullable() }),
  ms: z.number(),
});
export type Recorded = z.infer<typeof Recorded>;
export type CassetteRequest = Recorded["request"];

/** A request that a cassette does not hold; the message names the first message that differs from the nearest one. */
export class CassetteMiss extends Error {
  override name = "CassetteMiss";
}

/** A request as a cassette keys it. `repeat` tells requests apart that are meant to be different samples. */
export function cassetteRequest(
  model: string,
  messages: BaseMessage[],
  params: Record<string, unknown>,
  repeat: string,
): CassetteRequest {
  return {
    model,
    messages: messages.map((message) => ({ role: message.getType(), content: redacted(message.text) })),
    params,
    repeat,
  };
}

const keyOf = (request: CassetteRequest): string =>
  createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 24);

const active = new AsyncLocalStorage<Cassette>();

/**
 * Records or replays model calls, for everything that runs inside `around`. Keys are contents, never order of
 * arrival, so a fan-out replays right; equal requests of one run are told apart by their repeat index.
 */
export class Cassette {
  private readonly replies = new Map<string, Recorded>();

  constructor(
    private readonly file: string,
    readonly mode: "record" | "replay",
    lines: string[] = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [],
  ) {
    for (const line of lines) {
      if (!line.includes('"key"')) continue; // a header line, or an empty one
      const entry = Recorded.parse(JSON.parse(line));
      this.replies.set(entry.key, entry);
    }
  }

  static current(): Cassette | undefined {
    return active.getStore();
  }

  around<T>(run: () => Promise<T>): Promise<T> {
    return active.run(this, run);
  }

  record(request: CassetteRequest, reply: Recorded["reply"], ms: number): void {
    const entry: Recorded = {
      key: keyOf(request),
      request,
      reply: { ...reply, text: redacted(reply.text) },
      ms,
    };
    this.replies.set(entry.key, entry);
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  /** The recorded reply, or a CassetteMiss. */
  replay(request: CassetteRequest): Recorded {
    const entry = this.replies.get(keyOf(request));
    if (entry) return entry;
    throw new CassetteMiss(`${this.file} holds no reply to this request: ${this.difference(request)}`);
  }

  private difference(request: CassetteRequest): string {
    const shared = ({ request: { messages } }: Recorded) => {
      const at = messages.findIndex(({ content }, i) => content !== request.messages[i]?.content);
      return at < 0 ? messages.length : at;
    };
    const same = [...this.replies.values()].filter((entry) => entry.request.model === request.model);
    const nearest = same.sort(
      (a, b) => shared(b) - shared(a) || commonPrefix(b, request) - commonPrefix(a, request),
    )[0];
    if (!nearest) return `nothing is recorded for model ${request.model}`;
    const at = shared(nearest);
    const asked = request.messages[at]?.content;
    if (asked === undefined || at >= nearest.request.messages.length)
      return `the messages are known, but not with parameters ${JSON.stringify(request.params)}, repeat ${request.repeat}`;
    const from = commonPrefix(nearest, request);
    return `message ${at + 1} differs from the nearest recording at character ${from + 1}: ${JSON.stringify(asked.slice(from, from + 80))}`;
  }
}

/** Characters that the first differing messages of two requests share. */
function commonPrefix(entry: Recorded, request: CassetteRequest): number {
  const at = entry.request.messages.findIndex(({ content }, i) => content !== request.messages[i]?.content);
  const a = entry.request.messages[at]?.content ?? "";
  const b = request.messages[at]?.content ?? "";
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
}
