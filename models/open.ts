import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import { Cassette } from "./cassette.ts";
import { apiKey, catalog, endpointOf, isAlsoFile, isLocal, type ModelEntry, modelEntry } from "./catalog.ts";
import { listedLimits } from "./endpoint-limits.ts";
import { listModels } from "./http.ts";
import { Limiter, limiterOf } from "./limiter.ts";
import type { PrepareOptions } from "./prepare-options.ts";

/** A model that is ready to be called, and how its prompts are counted. Only models/ may hold one. */
export interface OpenModel {
  /** Of this process alone: what the endpoint's refusals teach is written into it. */
  readonly entry: ModelEntry;
  endpoint: string;
  /** Null where replies come from a cassette. */
  chat: BaseChatModel | null;
  /** Null where nobody has to wait for anybody. */
  limiter: Limiter | null;
  /**
   * Our count of a prompt, and of the beginning of a reply that is to be gone on with, in tokens: exact for the
   * embedded model, bytes / 3 where the tokenizer is not known.
   */
  count(messages: BaseMessage[], prefill?: string): number | Promise<number>;
  countText(text: string): number;
}

const BYTES_PER_TOKEN = 3;
/** Role and delimiters of a message in the chat template, in tokens. */
const TOKENS_PER_MESSAGE = 6;
/** Calls that the embedded model answers at once. */
const SEQUENCES = 4;

const bytesCount = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

const opened = new Map<string, Promise<OpenModel>>();

/**
 * Opens a model by name, once for the process: instances hold the limits that all runs share. "embedded" is the best
 * model that this machine can run by itself. Throws a sentence that says what is missing.
 */
export async function openModel(name: string, preparing: PrepareOptions = {}): Promise<OpenModel> {
  const cassette = Cassette.current();
  if (cassette?.mode === "replay") return replayed(name, cassette);
  const model = await openOnce(name, preparing);
  return cassette ? recorded(name, model, cassette) : model;
}

function openOnce(name: string, preparing: PrepareOptions): Promise<OpenModel> {
  const key = name === "embedded" ? name : keyOf(modelEntry(name));
  let model = opened.get(key);
  if (!model) {
    model = open(name, preparing);
    opened.set(key, model);
    model.catch(() => opened.delete(key)); // a failure (no network, no key) may be mended in a long-lived process
  }
  return model;
}

const keyOf = (entry: ModelEntry): string => JSON.stringify([entry, endpointOf(entry)]);

async function open(name: string, preparing: PrepareOptions): Promise<OpenModel> {
  if (name === "embedded") {
    const { defaultEmbedded } = await import("./weights.ts");
    return open((await defaultEmbedded(preparing)).name, preparing);
  }
  const entry = modelEntry(name);
  if (entry.provider === "llama.cpp") return openLlama(entry, preparing);
  if (isAlsoFile(entry))
    preparing.say?.(
      `${name} is asked for at ${endpointOf(entry)}; the file of that name is used when it is given as ./${name}`,
    );
  apiKey(entry); // throws where it is missing
  return openEndpoint({ ...entry, ...(await limitsOf(entry, preparing.signal)) });
}

const LISTING_MS = 2000;

/**
 * What the server itself says of a model's limits, where the catalog does not know them for this server. Nothing where it
 * does not say, or not soon: then its refusals teach.
 */
async function limitsOf(entry: ModelEntry, signal?: AbortSignal): Promise<Partial<ModelEntry>> {
  const endpoint = endpointOf(entry);
  if (!isLocal(endpoint) && !entry.selfHosted && catalog().some(({ name }) => name === entry.name)) return {};
  const soon = AbortSignal.timeout(LISTING_MS);
  const listed = await listModels(entry, signal ? AbortSignal.any([soon, signal]) : soon).catch(() => null);
  const { context, maxOutput } = listedLimits(listed, entry.id ?? entry.name);
  return {
    ...(context && { context: Math.min(context, knownContext(entry) ?? context) }),
    ...(maxOutput && { maxOutput: Math.min(maxOutput, entry.maxOutput ?? maxOutput) }),
  };
}

/** The context length that somebody entered; undefined where it is only assumed. */
const knownContext = (entry: ModelEntry): number | undefined =>
  catalog().find(({ name }) => name === entry.name)?.context;

export async function openEndpoint(known: ModelEntry): Promise<OpenModel> {
  const { ChatEndpoint } = await import("./openai.ts");
  const entry = { ...known };
  return {
    entry,
    endpoint: withoutCredentials(endpointOf(entry)),
    chat: new ChatEndpoint(entry),
    limiter: limiterOf(endpointOf(entry)),
    count: (messages, prefill = "") =>
      messages.reduce((sum, { text }) => sum + bytesCount(text) + TOKENS_PER_MESSAGE, bytesCount(prefill)),
    countText: bytesCount,
  };
}

async function openLlama(entry: ModelEntry, preparing: PrepareOptions): Promise<OpenModel> {
  const [{ ChatLlama }, { ensureWeights }] = await Promise.all([
    import("./llama.ts"),
    import("./weights.ts"),
  ]);
  const path = await ensureWeights(entry.weights ?? entry.name, preparing);
  const chat = await ChatLlama.load({
    path,
    name: entry.name,
    contextSize: entry.context,
    sequences: SEQUENCES,
  });
  return {
    entry,
    endpoint: withoutCredentials(endpointOf(entry)),
    chat,
    limiter: new Limiter({ start: SEQUENCES, most: SEQUENCES }),
    count: (messages, prefill) => chat.countPrompt(messages, prefill),
    countText: (text) => chat.countTokens(text),
  };
}

const counted = (messages: BaseMessage[], prefill?: string) => [
  ...messages.map((message) => [message.getType(), message.text]),
  ...(prefill ? [["prefill", prefill]] : []),
];

function recorded(name: string, model: OpenModel, cassette: Cassette): OpenModel {
  const { baseURL } = model.entry;
  const entry = { ...model.entry, ...(baseURL !== undefined && { baseURL: withoutCredentials(baseURL) }) };
  cassette.recordModel(name, entry, model.endpoint);
  const note = (what: unknown, tokens: number) => {
    cassette.recordCount(what, tokens);
    return tokens;
  };
  return {
    ...model,
    count: async (messages, prefill) =>
      note(counted(messages, prefill), await model.count(messages, prefill)),
    countText: (text) => note(text, model.countText(text)),
  };
}

/** A model of a cassette: it never speaks itself (models/chat.ts plays the replies), and counts as was counted. */
function replayed(name: string, cassette: Cassette): OpenModel {
  const { entry, endpoint } = cassette.replayModel(name);
  const count = (what: unknown, text: string) => cassette.replayCount(what) ?? bytesCount(text);
  return {
    entry,
    endpoint,
    chat: null,
    limiter: null,
    count: (messages, prefill = "") =>
      count(counted(messages, prefill), [...messages.map(({ text }) => text), prefill].join("\n")),
    countText: (text) => count(text, text),
  };
}

/** An address as it may be shown: without a name and a password. */
const withoutCredentials = (address: string): string => address.replace(/^(\w+:\/\/)[^/@]*@/, "$1");
