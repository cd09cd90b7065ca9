import { z } from "zod";
import { kinds } from "../../answers/answer.ts";
import type { Mode } from "../../state/run-info.ts";
import type { Settings } from "../../state/settings.ts";
import type { Task } from "../../state/task.ts";
import { invalid } from "./api-error.ts";
import { Message, taskOf } from "./messages.ts";
import { modeOf } from "./models.ts";

const tokens = z.number().int().positive().nullish();

/**
 * What of OpenAI's chat completions is understood, with `budget_tokens` and `kind` besides. Other fields are passed over, as
 * other servers do: `temperature` and the like are settings of the team's nodes, not of the whole.
 */
const ChatBody = z.looseObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  budget_tokens: tokens,
  max_completion_tokens: tokens,
  max_tokens: tokens,
  kind: z.enum(kinds).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: z.number().int().nullish(),
  tools: z.array(z.unknown()).nullish(),
  functions: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  modalities: z.array(z.string()).nullish(),
  logprobs: z.boolean().nullish(),
});
type ChatBody = z.infer<typeof ChatBody>;

/** A request, understood. */
export interface ChatRequest {
  model: string;
  mode: Mode;
  task: Task;
  settings: Partial<Settings>;
  stream: boolean;
  includeUsage: boolean;
  /** The answer ends before the first of these. */
  stop: string[];
  /** The field that sets the run's budget; null: none, the default holds. */
  budgetField: string | null;
}

/** Reads the body of a request; throws ApiError. */
export function parseRequest(body: unknown): ChatRequest {
  const parsed = ChatBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.length ? pathText(issue.path) : null;
    throw invalid(param, `${param ?? "The body"}: ${issue?.message}.`);
  }
  const request = parsed.data;
  const mode = modeOf(request.model);
  refuseWhatIsNotServed(request);
  const budgetField = budgetFields.find((field) => typeof request[field] === "number") ?? null;
  const { kind, seed, stop } = request;
  return {
    model: request.model,
    mode,
    task: { ...taskOf(request.messages), ...(kind && { kind }) },
    settings: {
      ...(budgetField && { budgetTokens: request[budgetField] ?? null }),
      ...(typeof seed === "number" && { seed }),
    },
    stream: request.stream === true,
    includeUsage: request.stream_options?.include_usage === true,
    stop: [stop ?? []].flat().filter(Boolean),
    budgetField,
  };
}

const budgetFields = ["budget_tokens", "max_completion_tokens", "max_tokens"] as const;

const pathText = (path: PropertyKey[]): string =>
  path.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i ? "." : ""}${String(key)}`)).join("");

/** What changes the form of a reply, and would be missed: better refused than passed over. */
function refuseWhatIsNotServed(request: ChatBody): void {
  const { n, tools, functions, tool_choice, response_format: format, modalities, logprobs } = request;
  if (typeof n === "number" && n !== 1) throw invalid("n", "The team gives one answer: n can only be 1.");
  if (tools?.length && tool_choice !== "none")
    throw invalid("tools", 'The team calls no tools: leave them out, or send tool_choice "none".');
  if (functions?.length) throw invalid("functions", "The team calls no functions.");
  if (format && format.type !== "text")
    throw invalid(
      "response_format",
      `The team answers in text: response_format ${format.type} is not served.`,
    );
  if (modalities?.some((one) => one !== "text"))
    throw invalid("modalities", "The team answers in text alone.");
  if (logprobs) throw invalid("logprobs", "A team's answer has no log probabilities.");
}
