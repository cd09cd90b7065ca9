import { z } from "zod";
import { type PromptName, promptText } from "../prompts/prompt-file.ts";
import { formats } from "./actions.ts";

/** Nodes that call a model. */
export const modelNodes = ["ceo", "recruit", "solve", "critique", "execute", "evaluate"] as const;
export type ModelNode = (typeof modelNodes)[number];

/** Where Studio shows a setting: also at nodes that call no model. */
type Nodes = readonly (ModelNode | "discuss" | "conclude" | "human")[];
const prompt = (name: PromptName, nodes: Nodes) =>
  z
    .string()
    .min(1)
    .default(() => promptText(name))
    .meta({ langgraph_nodes: [...nodes], langgraph_type: "prompt" });
const at = <T extends z.ZodType>(nodes: Nodes, schema: T, description: string) =>
  schema.meta({ langgraph_nodes: [...nodes], description });

const count = (most: number) => z.number().int().min(1).max(most);
const model = (node: ModelNode) =>
  at([node], z.string().nullable().default(null), `The model of ${node}; empty: the one of all nodes.`);
const temperature = (node: ModelNode, degrees: number) =>
  at([node], z.number().min(0).max(2).default(degrees), `Sampling temperature of ${node}, 0 to 2.`);

/** An expert who is named by the user, with a model of its own where it has one. */
const NamedExpert = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^(?=.*\p{L})[^\s<>"]+( [^\s<>"]+)*$/u, 'a name has a letter, single spaces, and none of < > "'),
  expertise: z.string().trim().max(160).default(""),
  model: z.string().nullable().default(null),
});

const shape = {
  model: at(
    modelNodes,
    z.string().default(() => process.env.BOARDROOM_MODEL || "embedded"),
    "A name of `boardroom models`, or of a model at OPENAI_BASE_URL.",
  ),
  modelCeo: model("ceo"),
  modelRecruit: model("recruit"),
  modelSolve: model("solve"),
  modelCritique: model("critique"),
  modelExecute: model("execute"),
  modelEvaluate: model("evaluate"),
  temperatureCeo: temperature("ceo", 0),
  temperatureRecruit: temperature("recruit", 0.7),
  temperatureSolve: temperature("solve", 0.7),
  temperatureCritique: temperature("critique", 0.3),
  temperatureExecute: temperature("execute", 0),
  temperatureEvaluate: temperature("evaluate", 0),

  budgetTokens: at(
    modelNodes,
    z.number().int().positive().nullable().default(null),
    "Input plus output tokens of the whole run; empty: by the main model's kind, as `boardroom models` shows.",
  ),
  budgetUsd: at(
    modelNodes,
    z.number().positive().nullable().default(null),
    "Dollars for the whole run; empty: no limit.",
  ),
  budgetSeconds: at(
    modelNodes,
    z.number().positive().nullable().default(null),
    "Seconds of work for the whole run; empty: no limit.",
  ),
  callSeconds: at(
    modelNodes,
    z.number().positive().default(300),
    "The longest one model call may take, in seconds.",
  ),

  maxExperts: at(
    ["ceo", "recruit"],
    count(32).default(4),
    "The most experts that may speak, the lead included; `team` recruits this many.",
  ),
  rounds: at(
    ["ceo", "discuss"],
    z.number().int().min(0).max(20).default(3),
    "The most discussion rounds in a turn; `team` plans this many.",
  ),
  maxTurns: at(["ceo"], count(50).default(4), "The most turns (recruit or discuss decisions)."),
  maxTokensPerTurn: at(
    ["solve", "critique"],
    z.number().int().min(32).default(8192),
    "The most tokens of an expert's answer each time it speaks; what a reasoning model thinks comes on top.",
  ),
  thinkingTokens: at(
    modelNodes,
    z.number().int().positive().nullable().default(null),
    "The most tokens of thinking in one reply, where a server can go on with a reply that was cut; empty: what the answer leaves.",
  ),
  budgetForcingWaits: at(
    ["solve"],
    z.number().int().min(0).max(10).default(0),
    "How often a model that has thought is made to think on by `Wait,` (budget forcing), while money is left.",
  ),
  format: at(
    ["ceo", "discuss"],
    z.enum(formats).nullable().default(null),
    "The discussion format; empty: as the CEO chooses, and critique in `team`.",
  ),
  experts: at(
    ["recruit"],
    z.array(NamedExpert).min(1).max(32).nullable().default(null),
    "The team, the lead first, instead of one that is recruited; `maxExperts` caps who speaks.",
  ),
  samples: at(["discuss"], count(1000).default(15), "The most votes that `vote` takes."),
  pauseRecruit: at(
    ["human"],
    z.boolean().default(false),
    "Ask a person about a team that was put together, before it speaks.",
  ),
  pauseDecision: at(
    ["human"],
    z.boolean().default(false),
    "Ask a person before a decision of the CEO, or the plan of another mode, takes effect.",
  ),
  pauseTokens: at(
    ["human"],
    z.number().int().positive().nullable().default(null),
    "Ask a person before the run may spend more tokens than this; empty: never.",
  ),
  procedure: at(
    ["ceo"],
    z.enum(["free", "mas-tts"]).default("free"),
    "Who sets the order of stages in `ceo`: the CEO, or the reference: recruit, discuss, evaluate, again.",
  ),
  rule: at(
    ["conclude"],
    z.enum(["majority", "last"]).default("majority"),
    "What `conclude` answers: the best supported answer, or the last one.",
  ),
  sandbox: at(
    ["execute"],
    z.enum(["process", "pyodide", "docker"]).nullable().default(null),
    "Run code in this backend; empty: in `process`, or not at all where that is not usable.",
  ),
  seed: at(
    modelNodes,
    z.number().int().nullable().default(null),
    "Sampling seed, sent to endpoints that take one.",
  ),
  headers: at(
    modelNodes,
    z.boolean().default(true),
    "Send x-boardroom-node and x-boardroom-run with every request.",
  ),

  promptTask: prompt("task", modelNodes),
  promptCeo: prompt("ceo", ["ceo"]),
  promptRecruit: prompt("recruit", ["recruit"]),
  promptSolve: prompt("solve", ["solve"]),
  promptCritique: prompt("critique", ["critique"]),
  promptExecute: prompt("execute", ["execute"]),
  promptEvaluate: prompt("evaluate", ["evaluate"]),
  promptAnswerMath: prompt("answer-math", ["solve"]),
  promptAnswerChoice: prompt("answer-choice", ["solve"]),
  promptAnswerCode: prompt("answer-code", ["solve"]),
  promptAnswerConcepts: prompt("answer-concepts", ["solve"]),
  promptAnswerOpen: prompt("answer-open", ["solve"]),
};

/** What `boardroom studio` was told by flags, as JSON: the dev server's defaults, which Studio shows. */
export const DEFAULTS_VARIABLE = "BOARDROOM_SETTINGS";

function withDefaults<Shape extends Record<string, z.ZodType>>(fields: Shape): Shape {
  const given: Record<string, unknown> = JSON.parse(process.env[DEFAULTS_VARIABLE] || "{}");
  const all: Record<string, z.ZodType> = { ...fields };
  for (const [key, field] of Object.entries(fields))
    if (key in given) all[key] = field.default(given[key]).meta(field.meta() ?? {});
  return all as Shape;
}

/** All that a user may set; Studio shows each field at its node, the command line as a flag. */
export const Settings = z.object(withDefaults(shape));
export type Settings = z.infer<typeof Settings>;

/** Whether a run under these settings may wait for a person. */
export const mayPause = ({ pauseRecruit, pauseDecision, pauseTokens }: Settings): boolean =>
  pauseRecruit || pauseDecision || pauseTokens !== null;

/** The field that holds a prompt: `answer-math` is `promptAnswerMath`. */
export function promptField(name: PromptName): keyof Settings | null {
  const field = `prompt${name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`;
  return field in Settings.shape ? (field as keyof Settings) : null;
}

/** The text of a prompt under these settings. */
export function promptOf(settings: Settings, name: PromptName): string {
  const field = promptField(name);
  return field ? (settings[field] as string) : promptText(name);
}

type PerNode = "model" | "temperature";
const capital = (node: string) => node[0]?.toUpperCase() + node.slice(1);
const perNode = <K extends PerNode>(kind: K, node: ModelNode) =>
  `${kind}${capital(node)}` as `${K}${Capitalize<ModelNode>}`;

/** The model of a node; one who speaks may have a model of its own. */
export function modelOf(settings: Settings, node: ModelNode, expert: string | null = null): string {
  const speaks = node === "solve" || node === "critique";
  const own = speaks && settings.experts?.find(({ name }) => name === expert)?.model;
  return own || settings[perNode("model", node)] || settings.model;
}

/** The most experts that may speak. */
export const maxSpeakers = ({
  maxExperts,
  experts,
}: Pick<Settings, "maxExperts"> & Partial<Settings>): number =>
  Math.min(maxExperts, experts?.length ?? maxExperts);
export const temperatureOf = (settings: Settings, node: ModelNode): number =>
  settings[perNode("temperature", node)];

/** The models that nodes may call. */
export const modelsOf = (settings: Settings): Set<string> =>
  new Set([
    ...modelNodes.map((node) => modelOf(settings, node)),
    ...(settings.experts ?? []).map(({ name }) => modelOf(settings, "solve", name)),
  ]);

/**
 * Settings of a graph run. LangGraph validates the context but applies no defaults, and clients put values into
 * `context` or `configurable`: what was given in either is read, the context winning.
 */
export function settingsOf(config: { context?: unknown; configurable?: Record<string, unknown> }): Settings {
  const { context = {}, configurable = {} } = config;
  const plain = !Object.keys(configurable).some((key) => key in Settings.shape);
  const known = plain && read.get(context as object);
  if (known) return known;
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(Settings.shape)) {
    const value = (context as Record<string, unknown>)[key] ?? configurable[key];
    if (value !== undefined) given[key] = value;
  }
  const settings = Settings.parse(given);
  read.set(settings, settings);
  if (plain && config.context) read.set(config.context, settings);
  return settings;
}

/** Settings by the context object they were read from, which may be settings itself: every node of a run gets the same one. */
const read = new WeakMap<object, Settings>();

/** Settings that belong together; what is set besides wins over them. */
export const presets = {
  /** The reference's procedure and numbers, in mode ceo: two turns, roles redrawn, three inner rounds, the last plan answers. */
  "mas-tts": {
    procedure: "mas-tts",
    rule: "last",
    maxTurns: 2,
    rounds: 3,
    maxExperts: 4,
    maxTokensPerTurn: 32_000,
    temperatureCeo: 0.7,
    temperatureRecruit: 0.7,
    temperatureSolve: 0.7,
    temperatureCritique: 0.7,
    temperatureEvaluate: 0.7,
    budgetTokens: 1_000_000,
  },
} as const satisfies Record<string, Partial<Settings>>;
