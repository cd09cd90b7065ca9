import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { BaseMessage } from "@langchain/core/messages";
import { z } from "zod";
import { redact, redactJson } from "../secrets.ts";
import { ModelEntry } from "./catalog.ts";

const Usage = z.object({
  input: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cached: z.number(),
  doubts: z.array(z.string()).optional(),
});

/** One recorded reply, and the request it answers. Headers and keys are never part of it. */
export const RecordedCall = z.object({
  type: z.literal("reply"),
  key: z.string(),
  request: z.object({
    model: z.string(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })),
    params: z.record(z.string(), z.unknown()),
    repeat: z.number().int(),
  }),
  reply: z.object({
    text: z.string(),
    reasoning: z.string(),
    refusal: z.string().optional(),
    finish: z.string(),
    usage: Usage.nullable(),
  }),
  ms: z.number(),
});
export type RecordedCall = z.infer<typeof RecordedCall>;
type CassetteRequest = RecordedCall["request"];

/** A line of a cassette file. Counts and models are kept too, so that a replay needs neither weights nor key. */
const CassetteLine = z.discriminatedUnion("type", [
  z.object({ type: z.literal("about"), about: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal("model"), asked: z.string(), entry: ModelEntry, endpoint: z.string() }),
  z.object({ type: z.literal("count"), key: z.string(), tokens: z.number() }),
  RecordedCall,
]);
type CassetteLine = z.infer<typeof CassetteLine>;

/** A request that a cassette does not hold; the message names the first message that differs from the nearest one. */
export class CassetteMiss extends Error {
  override name = "CassetteMiss";
}

/** A request as a cassette keys it. `repeat` tells requests apart that are meant to be different samples. */
export function cassetteRequest(
  model: string,
  messages: BaseMessage[],
  params: Record<string, unknown>,
  repeat: number,
): CassetteRequest {
  return {
    model,
    messages: messages.map((message) => ({ role: message.getType(), content: redact(message.text) })),
    params,
    repeat,
  };
}

const hash = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(redactJson(value)))
    .digest("hex")
    .slice(0, 24);

const active = new AsyncLocalStorage<Cassette>();

/**
 * Records or replays the model border, for everything that runs inside `around`: replies, and how prompts were
 * counted. Keys are contents, never order of arrival, so a fan-out replays right.
 */
export class Cassette {
  private readonly replies = new Map<string, RecordedCall>();
  private readonly counts = new Map<string, number>();
  private readonly models = new Map<string, { entry: ModelEntry; endpoint: string }>();
  /** What was recorded, as the recorder described it. */
  readonly about: Record<string, unknown> = {};

  /** `tempo`: the share of the recorded time that a replayed reply takes; 0 plays at once. */
  constructor(
    private readonly file: string,
    readonly mode: "record" | "replay",
    readonly tempo = 0,
  ) {
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n"))
      if (line.trim()) this.take(CassetteLine.parse(JSON.parse(line)));
  }

  static current(): Cassette | undefined {
    return active.getStore();
  }

  around<T>(run: () => Promise<T>): Promise<T> {
    return active.run(this, run);
  }

  private take(line: CassetteLine): void {
    if (line.type === "reply") this.replies.set(line.key, line);
    else if (line.type === "count") this.counts.set(line.key, line.tokens);
    else if (line.type === "model")
      this.models.set(line.asked, { entry: line.entry, endpoint: line.endpoint });
    else Object.assign(this.about, line.about);
  }

  private write(line: CassetteLine): void {
    const text = JSON.stringify(redactJson(line));
    this.take(CassetteLine.parse(JSON.parse(text)));
    appendFileSync(this.file, `${text}\n`);
  }

  describe(about: Record<string, unknown>): void {
    this.write({ type: "about", about });
  }

  recordModel(asked: string, entry: ModelEntry, endpoint: string): void {
    if (!this.models.has(asked)) this.write({ type: "model", asked, entry, endpoint });
  }

  /** The name of the model that was opened under `asked`. */
  nameOf(asked: string): string {
    return this.models.get(asked)?.entry.name ?? asked;
  }

  replayModel(asked: string): { entry: ModelEntry; endpoint: string } {
    const model = this.models.get(asked);
    if (!model) throw new CassetteMiss(`${this.file} was not recorded with a model called ${asked}`);
    return model;
  }

  recordCount(counted: unknown, tokens: number): void {
    const key = hash(counted);
    if (this.counts.get(key) !== tokens) this.write({ type: "count", key, tokens });
  }

  replayCount(counted: unknown): number | undefined {
    return this.counts.get(hash(counted));
  }

  record(request: CassetteRequest, reply: RecordedCall["reply"], ms: number): void {
    this.write({ type: "reply", key: hash(request), request, reply, ms: Math.round(ms) });
  }

  /** The recorded reply, or a CassetteMiss. */
  replay(request: CassetteRequest): RecordedCall {
    const entry = this.replies.get(hash(request));
    if (entry) return entry;
    throw new CassetteMiss(`${this.file} holds no reply to this request: ${this.difference(request)}`);
  }

  private difference(request: CassetteRequest): string {
    const nearest = [...this.replies.values()]
      .filter((entry) => entry.request.model === request.model)
      .map(({ request: known }) => ({ known, ...parting(known, request) }))
      .sort((a, b) => b.message - a.message || b.character - a.character)[0];
    if (!nearest) return `nothing is recorded for model ${request.model}`;
    const { message, character } = nearest;
    const asked = request.messages[message]?.content;
    if (asked === undefined)
      return `the messages are known, but not with parameters ${JSON.stringify(request.params)}, repeat ${request.repeat}`;
    return `message ${message + 1} differs from the nearest recording at character ${character + 1}: ${JSON.stringify(asked.slice(character, character + 80))}`;
  }
}

/** Where two requests part: index of the first message that differs, and of its first character that does. */
function parting(a: CassetteRequest, b: CassetteRequest): { message: number; character: number } {
  const most = Math.max(a.messages.length, b.messages.length);
  let message = 0;
  while (message < most && a.messages[message]?.content === b.messages[message]?.content) message++;
  const left = a.messages[message]?.content ?? "";
  const right = b.messages[message]?.content ?? "";
  let character = 0;
  while (character < left.length && left[character] === right[character]) character++;
  return { message, character };
}
