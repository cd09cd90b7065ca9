/**
 * SCRIPTED, FOR TESTS ONLY. A server that speaks OpenAI's chat protocol on loopback (`/v1/chat/completions`,
 * streamed or not, and `/v1/models`). There is no model behind it: every reply is written by the test.
 * It counts tokens by a rule of its own: characters / 4, rounded up, and 4 for each message of the prompt.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface Message {
  role: string;
  content: string | { type: string; text?: string }[] | null;
}

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

/** A request as the server saw it. Times are milliseconds since the epoch. */
export interface SeenRequest {
  node: string | null;
  run: string | null;
  /** Name of the JSON schema, else of the first tool offered. */
  schema: string | null;
  messages: Message[];
  /** The text of all messages, one after the other. */
  text: string;
  model: string;
  /** `max_tokens` or `max_completion_tokens`. */
  maxTokens: number | null;
  stream: boolean;
  body: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  startedAt: number;
  endedAt: number | null;
  /** True when the caller left before the reply was complete. */
  aborted: boolean;
  /** True when the script broke the connection. */
  cut: boolean;
  /** What was answered: an HTTP status, or null while nothing was. */
  status: number | null;
  /** What the server counted, reported or not; after a cut or an abort what was sent. Null for an error. */
  usage: Usage | null;
}

export interface ReplyFields {
  /** A value that is not a string is sent as JSON text. */
  content?: unknown;
  /** Sent as `reasoning_content`, before the content. */
  reasoning?: string;
  /** Arguments that are a string go out as they are, so that they can be malformed. */
  toolCalls?: { name: string; args: unknown }[];
  /** Overrides of what the server counts; null: no usage is reported. */
  usage?: Partial<Usage> | null;
  /** From 400 on: an error reply. */
  status?: number;
  error?: { message?: string; type?: string; code?: string };
  /** Seconds, for the `Retry-After` header of an error reply. */
  retryAfter?: number;
  /** Before the first byte. */
  delayMs?: number;
  /** Between two pieces of a stream. */
  chunkDelayMs?: number;
  /** Break the connection after so many pieces. */
  cutAfter?: number;
  /** Never answer; with `cutAfter`, fall silent after so many pieces instead of breaking off. */
  hang?: boolean;
  ignoreMaxTokens?: boolean;
  finishReason?: string;
  /** Sent as it is, in the place of all that the other fields say; `hang`: the connection stays open after it. */
  raw?: { body: string | string[]; type?: string; status?: number };
}

/**
 * A string is the content. An object made of ReplyFields alone is a whole reply. Any other value is what a
 * structured call wants: it is sent as JSON text, or as a tool call where the request offers only tools.
 */
export type Reply = string | ReplyFields | Record<string, unknown> | unknown[];

/** `nth` counts the calls of this node (or schema) in this run, from 0, failed ones included. */
export type Scripted = Reply | ((request: SeenRequest, nth: number) => Reply | Promise<Reply>);

/** Replies by node name, else by schema name, else "*". */
export type Script = Record<string, Scripted>;

/** How a request asks for JSON: two types of `response_format`, or tools. */
type JsonWay = "json_schema" | "json_object" | "tool";

/** Requests that are refused by these rules count neither as in flight nor for `nth`. */
export interface Options {
  /** What `GET /v1/models` lists. */
  models?: string[];
  /** Requests beyond so many at once are refused with 429. */
  maxInFlight?: number;
  /** Requests that ask for JSON in one of these ways are refused with 400, as some servers do. */
  refuses?: JsonWay[];
}

export type ScriptedServer = Awaited<ReturnType<typeof scriptedServer>>;

/** Starts a server; the caller closes it. A request the script does not foresee gets a 400 that says so. */
export async function scriptedServer(script: Script, options: Options = {}) {
  const requests: SeenRequest[] = [];
  const calls = new Map<string, number>();
  let inFlight = 0;
  let peak = 0;
  let closing = false;

  async function chat(request: SeenRequest, res: ServerResponse): Promise<void> {
    const left = new AbortController();
    const refusal = refused(request, inFlight, options);
    if (!refusal) peak = Math.max(peak, ++inFlight);
    res.once("close", () => {
      if (!refusal) inFlight--;
      request.endedAt = Date.now();
      request.aborted = !res.writableFinished && !closing && !request.cut;
      left.abort();
    });
    if (refusal) return fail(res, request, refusal);
    try {
      await answer(request, res, fields(await pick(request), request), left.signal);
    } catch (error) {
      // 400, which nobody tries again
      if (!left.signal.aborted)
        fail(res, request, { status: 400, error: { message: `The script: ${error}` } });
    }
  }

  function pick(request: SeenRequest): Reply | Promise<Reply> {
    const name = request.node ?? request.schema ?? "*";
    const key = JSON.stringify([request.run, name]);
    const nth = calls.get(key) ?? 0;
    calls.set(key, nth + 1);
    const entry = [request.node, request.schema, "*"].find((k) => k !== null && Object.hasOwn(script, k));
    if (entry == null) {
      const message = `The script has no reply for node ${request.node} (${request.schema}).`;
      return { status: 400, error: { message } };
    }
    const scripted = script[entry]!;
    return typeof scripted === "function" ? scripted(request, nth) : scripted;
  }

  const http = createServer(async (req, res) => {
    const path = new URL(req.url ?? "/", "http://scripted").pathname;
    if (req.method === "GET" && path === "/v1/models") {
      const data = (options.models ?? ["scripted"]).map((id) => ({ id, object: "model", owned_by: "tests" }));
      return send(res, 200, { object: "list", data });
    }
    if (req.method !== "POST" || path !== "/v1/chat/completions") {
      return fail(res, null, { status: 404, error: { message: `No such path: ${path}`, code: "not_found" } });
    }
    try {
      const request = seen((await json(req)) as Record<string, unknown>, req.headers);
      requests.push(request);
      await chat(request, res);
    } catch (error) {
      fail(res, null, { status: 400, error: { message: String(error) } });
    }
  });
  // On a busy machine a connection that is closed for idleness would meet a request on its way.
  http.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    /** Every chat request, in the order of arrival. */
    requests,
    get inFlight() {
      return inFlight;
    },
    /** The most requests that were in flight at once. */
    get peak() {
      return peak;
    },
    /** Also breaks what is in flight, as a server that dies does. */
    close(): Promise<void> {
      closing = true;
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      return closed;
    },
  };
}

const charsPerToken = 4;
const tokensPerPiece = 8;

/** The server's own count of a text. */
export const tokens = (text: string): number => Math.ceil(text.length / charsPerToken);

/** The server's own count of a prompt. */
export const promptTokens = (messages: Message[]): number =>
  messages.reduce((sum, message) => sum + tokens(textOf(message)) + 4, 0);

/** A reply of exactly `n` tokens that says little and ends with `ending`. */
export function verbose(n: number, ending = ""): string {
  const room = n * charsPerToken - ending.length;
  let text = "";
  for (let step = 1; text.length < room; step++) text += `Step ${step}: let us look at it once more. `;
  return text.slice(0, Math.max(0, room)) + ending;
}

function textOf({ content }: Message): string {
  return typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");
}

function refused({ body }: SeenRequest, inFlight: number, options: Options): ReplyFields | undefined {
  if (inFlight >= (options.maxInFlight ?? Number.POSITIVE_INFINITY)) return { status: 429 };
  const type = (body.response_format as { type?: string } | undefined)?.type;
  const way = options.refuses?.find((way) => way === type || (way === "tool" && body.tools !== undefined));
  if (!way) return undefined;
  const what = way === "tool" ? "tools" : `response_format of type '${way}'`;
  return { status: 400, error: { message: `This server does not support ${what}.` } };
}

function seen(body: Record<string, unknown>, headers: IncomingHttpHeaders): SeenRequest {
  const format = body.response_format as { json_schema?: { name?: string } } | undefined;
  const tools = body.tools as { function?: { name?: string } }[] | undefined;
  const messages = (body.messages ?? []) as Message[];
  const header = (name: string) => (headers[name] as string | undefined) ?? null;
  return {
    node: header("x-boardroom-node"),
    run: header("x-boardroom-run"),
    schema: format?.json_schema?.name ?? tools?.[0]?.function?.name ?? null,
    messages,
    text: messages.map(textOf).join("\n"),
    model: String(body.model),
    maxTokens: ((body.max_tokens ?? body.max_completion_tokens) as number | null | undefined) ?? null,
    stream: body.stream === true,
    body,
    headers,
    startedAt: Date.now(),
    endedAt: null,
    aborted: false,
    cut: false,
    status: null,
    usage: null,
  };
}

const fieldNames: readonly string[] = (
  "content reasoning toolCalls usage status error retryAfter delayMs chunkDelayMs cutAfter hang " +
  "ignoreMaxTokens finishReason raw"
).split(" ");

function fields(reply: Reply, { schema, body }: SeenRequest): ReplyFields {
  if (typeof reply === "string") return { content: reply };
  const keys = Object.keys(reply);
  const known = keys.filter((key) => fieldNames.includes(key)).length;
  if (!Array.isArray(reply) && known === keys.length) return reply as ReplyFields;
  if (known > 0) throw new Error(`a reply mixes its fields with a value's: ${keys.join(", ")} (use content)`);
  const asTool = body.tools !== undefined && body.response_format === undefined && schema !== null;
  return asTool ? { toolCalls: [{ name: schema, args: reply }] } : { content: reply };
}

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Cuts reasoning, content and tool arguments, in this order, to `max` tokens in all. */
function truncate(reply: ReplyFields, max: number) {
  let left = max;
  let cut = false;
  const take = (text: string): string => {
    const taken = text.slice(0, left * charsPerToken);
    cut ||= taken.length < text.length;
    left -= tokens(taken);
    return taken;
  };
  const reasoning = take(reply.reasoning ?? "");
  const content = take(asText(reply.content ?? ""));
  const toolCalls = (reply.toolCalls ?? []).map(({ name, args }) => ({ name, args: take(asText(args)) }));
  return { reasoning, content, toolCalls, cut };
}

type TruncatedReply = ReturnType<typeof truncate>;

function count(request: SeenRequest, said: TruncatedReply, override: Partial<Usage>): Usage {
  const reasoning = tokens(said.reasoning);
  const args = said.toolCalls.reduce((sum, call) => sum + tokens(call.args), 0);
  const prompt = override.prompt_tokens ?? promptTokens(request.messages);
  const completion = override.completion_tokens ?? reasoning + tokens(said.content) + args;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    ...override,
  };
}

async function answer(request: SeenRequest, res: ServerResponse, reply: ReplyFields, left: AbortSignal) {
  if (reply.delayMs) await sleep(reply.delayMs, undefined, { signal: left });
  if (reply.raw) return sendRaw(res, request, reply, reply.raw);
  if (reply.status && reply.status >= 400) return fail(res, request, reply);
  if (reply.hang && reply.cutAfter === undefined) return;
  const max = reply.ignoreMaxTokens ? null : request.maxTokens;
  const said = truncate(reply, max ?? Number.POSITIVE_INFINITY);
  const usage = count(request, said, reply.usage ?? {});
  const finish =
    reply.finishReason ?? (said.cut ? "length" : said.toolCalls.length > 0 ? "tool_calls" : "stop");
  const head = {
    id: `scripted-${randomUUID()}`,
    created: Math.floor(request.startedAt / 1000),
    model: request.model,
  };
  request.usage = usage;
  request.status = 200;

  if (!request.stream) {
    const object = "chat.completion";
    const choices = [{ index: 0, message: message(said), logprobs: null, finish_reason: finish }];
    const body = { ...head, object, choices, ...(reply.usage !== null && { usage }) };
    if (reply.cutAfter === undefined) return send(res, 200, body);
    const text = JSON.stringify(body);
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    res.write(text.slice(0, reply.cutAfter * tokensPerPiece * charsPerToken), () =>
      stop(request, res, reply),
    );
    return;
  }

  const line = (body: object) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...body })}\n\n`;
  const choice = (delta: object, reason: string | null = null) =>
    line({ choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.write(choice({ role: "assistant", content: "" }));
  let sent = 0;
  left.addEventListener("abort", () => {
    if (res.writableFinished) return;
    usage.completion_tokens = Math.min(usage.completion_tokens, sent * tokensPerPiece);
    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  });
  for (const delta of deltas(said)) {
    if (sent === reply.cutAfter) break;
    if (reply.chunkDelayMs) await sleep(reply.chunkDelayMs, undefined, { signal: left });
    res.write(choice(delta));
    sent++;
  }
  if (reply.cutAfter !== undefined) return stop(request, res, reply);
  res.write(choice({}, finish));
  const wanted = (request.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
  if (wanted && reply.usage !== null) res.write(line({ choices: [], usage }));
  res.end("data: [DONE]\n\n");
}

async function sendRaw(
  res: ServerResponse,
  request: SeenRequest,
  { hang, cutAfter }: ReplyFields,
  { body, type = "text/event-stream", status = 200 }: NonNullable<ReplyFields["raw"]>,
): Promise<void> {
  request.status = status;
  res.writeHead(status, { "content-type": type });
  for (const piece of [body].flat()) {
    res.write(piece);
    await sleep(1);
  }
  if (cutAfter !== undefined) return stop(request, res, {});
  if (!hang) res.end();
}

/** Breaks the connection, after what was written has gone out, or says nothing more. */
function stop(request: SeenRequest, res: ServerResponse, { hang }: ReplyFields): void {
  if (hang) return;
  request.cut = true;
  setTimeout(() => res.destroy(), 5);
}

function message({ content, reasoning, toolCalls }: TruncatedReply) {
  return {
    role: "assistant",
    content: toolCalls.length > 0 && content === "" ? null : content,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && {
      tool_calls: toolCalls.map(({ name, args }, i) => ({
        id: `call_${i}`,
        type: "function",
        function: { name, arguments: args },
      })),
    }),
  };
}

function* deltas({ content, reasoning, toolCalls }: TruncatedReply): Generator<object> {
  for (const piece of pieces(reasoning)) yield { reasoning_content: piece };
  for (const piece of pieces(content)) yield { content: piece };
  for (const [index, { name, args }] of toolCalls.entries()) {
    const [first = "", ...rest] = pieces(args);
    const call = { index, id: `call_${index}`, type: "function", function: { name, arguments: first } };
    yield { tool_calls: [call] };
    for (const piece of rest) yield { tool_calls: [{ index, function: { arguments: piece } }] };
  }
}

function pieces(text: string): string[] {
  return text.match(new RegExp(`.{1,${tokensPerPiece * charsPerToken}}`, "gsu")) ?? [];
}

const errors: Record<number, { message: string; type: string; code: string | null }> = {
  400: { message: "The request is invalid.", type: "invalid_request_error", code: null },
  401: { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" },
  404: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
  429: { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" },
  500: { message: "The server had an error.", type: "server_error", code: null },
};

function fail(res: ServerResponse, request: SeenRequest | null, reply: ReplyFields): void {
  const { status = 500, retryAfter } = reply;
  if (request) request.status = status;
  if (retryAfter !== undefined) res.setHeader("retry-after", String(retryAfter));
  send(res, status, { error: { ...(errors[status] ?? errors[500]!), param: null, ...reply.error } });
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export interface Board {
  /** How many the CEO recruits, the lead included. Default 3. */
  experts?: number;
  format?: "critique" | "debate";
  /** Default 1. */
  rounds?: number;
  tokensPerTurn?: number;
  /** The CEO's decisions, completed from the other fields; the last is repeated. Default: recruit, finish. */
  decisions?: Record<string, unknown>[];
  /** Whether a critic agrees; rounds of `experts - 1` critiques count from 1 over the run. Default true. */
  agree?: boolean | ((round: number, critic: number) => boolean);
  /** The evaluator's verdicts. Default true. */
  accept?: boolean | ((nth: number) => boolean);
  /** What the solvers answer. Default "42". */
  answer?: string | ((nth: number, request: SeenRequest) => string);
  /** Tokens of talk before a solver's answer. Default few. */
  talk?: number;
  tests?: Record<string, unknown>;
}

/** The common script: a CEO that recruits and finishes, one answer, critics and an evaluator that nod. */
export function board(options: Board = {}): Script {
  const { experts = 3, format = "critique", rounds = 1, tokensPerTurn = 512, talk = 12 } = options;
  const { agree = true, accept = true, answer = "42", tests = { tests: [] } } = options;
  const decisions = options.decisions ?? [{ action: "recruit" }, { action: "finish", confidence: 0.9 }];
  const common = { experts, format, rounds, tokensPerTurn, assignments: [], direction: "", confidence: 0.5 };
  const ceo: Scripted = (_, nth) => ({
    ...common,
    reason: "scripted",
    ...(decisions[nth] ?? decisions.at(-1)),
  });
  const sizes = decisions.filter((d) => d.action === "recruit").map((d) => Number(d.experts ?? experts));
  const recruit: Scripted = (_, nth) => ({ experts: team(sizes[nth] ?? sizes.at(-1) ?? experts) });
  const critics = Math.max(1, experts - 1);
  const critique: Scripted = (_, nth) => {
    const agrees = typeof agree === "function" ? agree(Math.floor(nth / critics) + 1, nth % critics) : agree;
    return { agree: agrees, objections: agrees ? "" : "The second step does not follow." };
  };
  const verdict: Scripted = (_, nth) => {
    const accepted = typeof accept === "function" ? accept(nth) : accept;
    return { accepted, advice: accepted ? "" : "Check the second step." };
  };
  const solve: Scripted = (request, nth) => {
    const said = typeof answer === "function" ? answer(nth, request) : answer;
    return `${verbose(talk)}\nTherefore \\boxed{${said}}.\n\nAnswer: ${said}`;
  };
  return {
    ceo,
    ceo_decision: ceo,
    recruit,
    experts: recruit,
    critique,
    evaluate: verdict,
    verdict,
    tests,
    solve,
    "*": solve,
  };
}

const team = (size: number) =>
  Array.from({ length: size }, (_, i) => ({
    name: names[i] ?? `Expert ${i + 1}`,
    expertise: `field ${i + 1}`,
  }));

const names = "Ada Blaise Carl Daphne Emmy Felix Grace Henri Ida Jules Karen Leo".split(" ");
