import type { BaseMessage } from "@langchain/core/messages";
import { MessagesZodMeta } from "@langchain/langgraph";
import { withLangGraph } from "@langchain/langgraph/zod";
import { z } from "zod";
import { kinds } from "../answers/answer.ts";
import { Call, mergeCalls } from "../models/ledger.ts";

/** One problem. Only public tests ever stand here: gold answers and hidden tests never enter the state. */
export const Task = z.object({
  id: z.string().optional(),
  question: z.string().trim().min(1).describe("The problem, as text or Markdown."),
  kind: z
    .enum(kinds)
    .optional()
    .describe("Left out: choice with choices, code with tests, concepts with concepts, else open."),
  choices: z.array(z.string()).min(2).max(26).optional(),
  tests: z
    .array(z.string())
    .optional()
    .describe("Public tests: Python statements that raise when the code is wrong."),
  entryPoint: z.string().optional().describe("The function that the tests call."),
  concepts: z.array(z.string()).min(1).optional().describe("Words that the text must use."),
});
export type Task = z.infer<typeof Task>;

export const Expert = z.object({ name: z.string(), expertise: z.string(), focus: z.string() });
export type Expert = z.infer<typeof Expert>;

export const actions = ["recruit", "discuss", "execute", "evaluate", "finish"] as const;
export type Action = (typeof actions)[number];
export const formats = ["critique", "debate"] as const;

/** What the CEO may ask for, and, clamped, what is done. */
export const Plan = z.object({
  action: z.enum(actions),
  /** Everyone who speaks, the lead included. */
  experts: z.number().int(),
  format: z.enum([...formats, "vote"]),
  /** Steps of criticise-and-revise (or of revising in a debate) after the first solve. */
  rounds: z.number().int(),
  /** The most output tokens an expert may use each time it speaks. */
  tokensPerTurn: z.number().int(),
  assignments: z.array(z.object({ expert: z.string(), focus: z.string() })),
  direction: z.string(),
  confidence: z.number(),
});
export type Plan = z.infer<typeof Plan>;

export const Decision = z.object({
  id: z.string(),
  step: z.number().int(),
  /** As the CEO said it; null where the decision was forced or is fixed by the mode. */
  asked: z.record(z.string(), z.unknown()).nullable(),
  applied: Plan,
  forced: z.boolean(),
  reason: z.string(),
  /** The CEO's thinking: kept for the record. */
  reasoning: z.string().optional(),
});
export type Decision = z.infer<typeof Decision>;

/** Why an speaker said nothing that counts. */
export const Abstention = z.enum(["tokens", "usd", "seconds", "context", "unparsable", "endpoint"]);
export type Abstention = z.infer<typeof Abstention>;

export const Utterance = z.object({
  id: z.string(),
  /** Turn: counts recruit and discuss decisions from 1. Round: 0 for the turn's first solve. */
  turn: z.number().int(),
  round: z.number().int(),
  step: z.number().int(),
  kind: z.enum(["draft", "revision", "critique"]),
  expert: z.string(),
  text: z.string(),
  /** Its thinking: kept for the record, never shown to anyone else. */
  reasoning: z.string(),
  answer: z.string().nullable(),
  agree: z.boolean().nullable(),
  abstained: Abstention.nullable(),
  error: z.string().nullable(),
});
export type Utterance = z.infer<typeof Utterance>;

export const Candidate = z.object({
  id: z.string(),
  expert: z.string(),
  step: z.number().int(),
  turn: z.number().int(),
  answer: z.string(),
  /** The whole reply that holds the answer. */
  text: z.string(),
  /** Passed all public tests or checks; null: nothing could be checked. */
  verified: z.boolean().nullable(),
  /** Share of the checks passed, 0..1, and what they said. */
  check: z.object({ score: z.number(), detail: z.string() }).nullable(),
  verdict: z
    .object({
      accepted: z.boolean(),
      advice: z.string(),
      reasoning: z.string().optional(),
      /** The evaluator's reply could not be read: not accepted, and nothing was found against the answer either. */
      unusable: z.literal(true).optional(),
    })
    .nullable(),
});
export type Candidate = z.infer<typeof Candidate>;

/** Who speaks next, for what, and each speaker's equal share of the money. */
export const NextSpeakers = z.object({
  say: z.enum(["solve", "critique", "done"]),
  situation: z.enum(["draft", "revise", "debate", "criticise"]),
  who: z.array(z.string()),
  turn: z.number().int(),
  round: z.number().int(),
  /** usd is null where dollars have no limit. */
  share: z.object({ tokens: z.number(), usd: z.number().nullable() }),
});
export type NextSpeakers = z.infer<typeof NextSpeakers>;

export const statuses = ["running", "solved", "stopped", "budget", "failed"] as const;

/** Which question of the thread is being worked on: a second question starts afresh, with a ledger of its own. */
export const RunInfo = z.object({
  id: z.string(),
  question: z.string(),
  message: z.string().nullable(),
  /** The budget where the settings name none: the main model's, in tokens. */
  defaultTokens: z.number().int(),
});
export type RunInfo = z.infer<typeof RunInfo>;

/** With a separate input schema zod defaults never apply: a default is a LangGraph default. */
const kept = <T>(schema: z.ZodType<T, T>, initial: () => T) => withLangGraph(schema, { default: initial });

export interface Identified {
  id: string;
}
export type Update<T> = Partial<T> & Identified;

/** A list in the state: what arrives is merged by id, so that retries and resumed runs repeat nothing. */
const list = <T extends Identified>(item: z.ZodType<T, T>, update: z.ZodType<Update<T>, Update<T>>) => {
  const items: z.ZodType<T[], T[]> = z.array(item);
  const patches: z.ZodType<Update<T>[], Update<T>[]> = z.array(update);
  return withLangGraph(items, { default: (): T[] => [], reducer: { schema: patches, fn: mergeById<T> } });
};

export function mergeById<T extends Identified>(old: T[], fresh: Update<T>[]): T[] {
  const byId = new Map(old.map((item) => [item.id, item]));
  for (const item of fresh) byId.set(item.id, { ...byId.get(item.id), ...item } as T);
  return [...byId.values()];
}

const AnyMessages = z.array(z.any()) as unknown as z.ZodType<BaseMessage[], BaseMessage[]>;
const messages = withLangGraph(AnyMessages, MessagesZodMeta);

export const State = z.object({
  task: Task.optional(),
  messages,
  run: kept(RunInfo.nullable(), () => null),
  experts: kept(z.array(Expert), () => []),
  decisions: list(Decision, Decision),
  transcript: list(Utterance, Utterance),
  candidates: list(Candidate, Candidate.partial().required({ id: true })),
  next: kept(NextSpeakers.nullable(), () => null),
  /** The ledger's copy in the state. */
  spend: withLangGraph(z.array(Call), {
    default: (): Call[] => [],
    reducer: { schema: z.array(Call), fn: mergeCalls },
  }),
  /** Milliseconds worked on this question, downtime between resumes left out. */
  elapsed: withLangGraph(z.number(), {
    default: () => 0,
    reducer: { schema: z.number(), fn: (a: number, b: number) => Math.max(a, b) },
  }),
  /** The account that ended the run, if one did. */
  halted: kept(z.enum(["tokens", "usd", "seconds"]).nullable(), () => null),
  status: kept<(typeof statuses)[number]>(z.enum(statuses), () => "running"),
  answer: kept(z.string().nullable(), () => null),
});
export type State = z.infer<typeof State>;

/** What Studio's form and API clients send: a task, or messages whose last human one is the question. */
export const Input = z.object({
  task: Task.optional(),
  messages: withLangGraph(
    z.array(z.any()).optional() as unknown as z.ZodType<BaseMessage[] | undefined, BaseMessage[] | undefined>,
    { jsonSchemaExtra: { langgraph_type: "messages" } },
  ),
});

export const Output = z.object({
  answer: z.string().nullable(),
  status: z.enum(statuses),
  messages,
});

/** The task with its kind settled. */
export type ResolvedTask = Task & { kind: (typeof kinds)[number] };

export function resolveKind(task: Task): ResolvedTask {
  const kind =
    task.kind ?? (task.choices ? "choice" : task.tests ? "code" : task.concepts ? "concepts" : "open");
  return { ...task, kind };
}
