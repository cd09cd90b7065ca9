import type { ModelEntry } from "./catalog.ts";
import type { Failure } from "./refusals.ts";

/** What a refusal teaches. */
interface LearnedLimits {
  /** Holds for all further requests. */
  entry?: Partial<ModelEntry>;
  /** How the request is sent again; null: it cannot be. */
  resend: { maxTokens?: number; guessed: boolean } | null;
}

/** A reply that is shortened without knowing the limit, is shortened to this share. */
const SHORTENED = 1 / 4;
/** A reply that is shorter is of little use: it is not guessed that it would be taken. */
const SHORTEST_GUESS = 128;
/** Refusals that say nothing new are answered by a shorter request so many times. */
const GUESSES = 2;

/** A request that failed, in tokens as they were reserved. */
interface Sent {
  input: number;
  maxTokens: number;
  /** How often it was shortened on a guess. */
  guesses: number;
}

/** What a failure teaches about a model's endpoint; nothing, where it is no refusal of a length or a field. */
export function limitsFromFailure(
  failure: Failure,
  entry: ModelEntry,
  { input, maxTokens, guesses }: Sent,
): LearnedLimits {
  const again = { guessed: false };
  if (failure.kind === "output") return { entry: { maxOutput: failure.limit }, resend: again };
  if (failure.kind === "parameter") {
    const less = without(failure.name, entry);
    return less ? { entry: less, resend: again } : { resend: null };
  }
  if (failure.kind !== "context") return { resend: null };
  const { limit, promptTokens } = failure;
  const news = limit !== undefined && limit < entry.context;
  const taught = news ? { entry: { context: limit } } : {};
  const room = limit !== undefined && promptTokens !== undefined ? limit - promptTokens : undefined;
  if (room !== undefined && room <= 0) return { ...taught, resend: null };
  if (room !== undefined && room < maxTokens) return { ...taught, resend: { maxTokens: room, ...again } };
  if (news && input + maxTokens > limit) return { ...taught, resend: again };
  const shorter = Math.floor(maxTokens * SHORTENED);
  const guess = guesses < GUESSES && shorter >= SHORTEST_GUESS;
  return { ...taught, resend: guess ? { maxTokens: shorter, guessed: true } : null };
}

/** The entry of a model whose server does not take a field; null where nothing is left to change. */
function without(
  field: string,
  { outputField, omit, streamUsage, temperature }: ModelEntry,
): Partial<ModelEntry> | null {
  if (omit.includes(field)) return null;
  if (field === "temperature") return temperature ? { temperature: false } : null;
  if (field === "stream_options") return streamUsage ? { streamUsage: false } : null;
  const other = { max_tokens: "max_completion_tokens", max_completion_tokens: "max_tokens" } as const;
  if (field === "max_tokens" || field === "max_completion_tokens") {
    if (field !== outputField) return null;
    return omit.includes(other[field])
      ? { omit: [...omit, field] }
      : { outputField: other[field], omit: [...omit, field] };
  }
  if (field === "continue_final_message" || field === "add_generation_prompt") return null;
  return { omit: [...omit, field] };
}

/** What servers call the limits of a model in `GET /v1/models`; the smallest of those they give counts. */
const contextFields = [
  ...["max_model_len", "context_length", "context_window", "max_context_length", "loaded_context_length"],
  ...["max_context_window", "n_ctx", "max_input_tokens", "inputTokenLimit", "max_sequence_length"],
];
const outputFields = ["max_completion_tokens", "max_output_tokens", "outputTokenLimit"];

type Listed = Record<string, unknown>;
const isObject = (value: unknown): value is Listed => typeof value === "object" && value !== null;

/** The limits that a list of models gives for `id`; a list of one is that model's, whatever it is called there. */
export function listedLimits(body: unknown, id: string): Partial<Pick<ModelEntry, "context" | "maxOutput">> {
  const list = isObject(body) && Array.isArray(body.data) ? body.data.filter(isObject) : [];
  const listed = list.find((model) => model.id === id) ?? (list.length === 1 ? list[0] : undefined);
  if (!listed) return {};
  const places = [listed, ...[listed.meta, listed.top_provider, listed.limits].filter(isObject)];
  const least = (fields: string[]) => {
    const numbers = places.flatMap((place) => fields.map((field) => Number(place[field] ?? Number.NaN)));
    const known = numbers.filter((number) => Number.isInteger(number) && number > 0);
    return known.length > 0 ? Math.min(...known) : undefined;
  };
  const [context, maxOutput] = [least(contextFields), least(outputFields)];
  return { ...(context && { context }), ...(maxOutput && { maxOutput }) };
}
