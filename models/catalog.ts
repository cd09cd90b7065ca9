import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { boardroomHome, packageRoot } from "../paths.ts";
import { registerKeyVariable } from "../secrets.ts";
import { CatalogError } from "./catalog-error.ts";
import { defaultBudget, typicalReply } from "./default-budget.ts";
import { baseUrl, defaultServer, environment, sendableKey } from "./endpoint-address.ts";

export { CatalogError };

/** Ways to get JSON that fits a schema, from the strictest to the one that every model has. */
const structuredMethods = ["grammar", "json_schema", "json_object", "tool", "prompt"] as const;
export type StructuredMethod = (typeof structuredMethods)[number];

/** Everything that is particular to one model; nothing else in the code asks for a model's name. */
const EntryFields = z.strictObject({
  name: z.string().min(1),
  provider: z.enum(["openai", "llama.cpp"]).default("openai"),
  /** The name the endpoint knows it by; default: `name`. */
  id: z.string().optional(),
  baseURL: z.url().optional(),
  apiKeyEnv: z.string().default("OPENAI_API_KEY"),
  /** Open weights that no hosted API is named for here: needs a server at OPENAI_BASE_URL. */
  selfHosted: z.boolean().default(false),
  /** For llama.cpp: a name of models/weights.ts, or the path of a GGUF file. */
  weights: z.string().optional(),
  /** Context length in tokens, prompt and reply together. */
  context: z.number().int().positive().default(32_768),
  /** The most tokens that the endpoint lets one reply have. */
  maxOutput: z.number().int().positive().optional(),
  /** Dollars per million tokens. */
  price: z
    .strictObject({
      input: z.number().nonnegative(),
      output: z.number().nonnegative(),
      cachedInput: z.number().nonnegative().optional(),
      reasoning: z.number().nonnegative().optional(),
    })
    .default({ input: 0, output: 0 }),
  structured: z.enum(structuredMethods).default("json_schema"),
  /** Where its thinking shows: nowhere, between tags in the reply, in a field of its own, or only in the bill. */
  reasoning: z.enum(["none", "think", "field", "hidden"]).default("none"),
  /** What begins and ends thinking that stands in the reply. */
  thinkTags: z.tuple([z.string().min(1), z.string().min(1)]).default(["<think>", "</think>"]),
  /** The server goes on with an unfinished reply when asked to by vLLM's `continue_final_message`. */
  continues: z.boolean().default(false),
  system: z.boolean().default(true),
  /** The server takes `stream_options`, by which it reports usage at the end of a stream. */
  streamUsage: z.boolean().default(true),
  temperature: z.boolean().default(true),
  outputField: z.enum(["max_tokens", "max_completion_tokens"]).default("max_tokens"),
  /** Fields that requests must not have, by the names of the OpenAI API. */
  omit: z.array(z.string()).default([]),
  /** Further fields of every request, for what only this server knows. */
  body: z.record(z.string(), z.unknown()).default({}),
  /** `mas-tts`: role as system message and history in one user message, as M1-32B was trained. */
  layout: z.enum(["shared-prefix", "mas-tts"]).default("shared-prefix"),
  /** Output tokens of a usual reply, thinking included; default: 600, or 8,000 where it thinks. */
  typicalReply: z.number().int().positive().optional(),
  /** The budget of a run that names none, in tokens; default: what a full round of such replies costs. */
  budgetTokens: z.number().int().positive().optional(),
  /** What a model that `finetune` entered came of. */
  tuned: z
    .strictObject({
      base: z.string(),
      run: z.string(),
      /** Null for the base itself, entered to be compared with. */
      recipe: z.string().nullable(),
      /** sha256 of the rows that it was trained on; null for the base itself. */
      dataset: z.string().nullable(),
      /** The day it was registered, as YYYY-MM-DD. */
      date: z.string(),
    })
    .optional(),
});
export const ModelEntry = EntryFields.transform((entry) => ({
  ...entry,
  budgetTokens: entry.budgetTokens ?? defaultBudget(entry),
}));
export type ModelEntry = z.output<typeof ModelEntry>;

/** Whether a reply that was broken off can be taken up again where it ended. */
export const canContinue = (entry: ModelEntry): boolean => entry.provider === "llama.cpp" || entry.continues;

/** Whether dollars can be counted for it; what runs in this process costs none. */
export const hasPrice = ({ provider, price }: ModelEntry): boolean =>
  provider === "llama.cpp" || price.input > 0 || price.output > 0;

/** Output tokens to ask for where `tokens` would do for the reply itself: thinking comes before it and is output too. */
export const outputRoom = (entry: ModelEntry, tokens: number): number =>
  entry.reasoning === "none" ? tokens : tokens + typicalReply(entry);

export const userCatalog = (): string => join(boardroomHome(), "models.yaml");

function readCatalog(file: string): ModelEntry[] {
  let rows: unknown;
  try {
    rows = parse(readFileSync(file, "utf8")) ?? [];
  } catch (error) {
    throw new CatalogError(`${file} is not YAML: ${(error as Error).message.split("\n")[0]}`);
  }
  const parsed = z.array(ModelEntry).safeParse(rows);
  if (parsed.success) {
    for (const { apiKeyEnv } of parsed.data) registerKeyVariable(apiKeyEnv);
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  throw new CatalogError(`${file}, entry ${issue?.path.join(".") || "list"}: ${issue?.message}`);
}

const files = new Map<string, { changed: number; entries: ModelEntry[] }>();

/** The entries of a file, read again after it was edited. */
function entriesOf(file: string): ModelEntry[] {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (changed === undefined) return [];
  const known = files.get(file);
  if (known?.changed === changed) return known.entries;
  const entries = readCatalog(file);
  files.set(file, { changed, entries });
  return entries;
}

const builtIn = (): ModelEntry[] => entriesOf(join(packageRoot, "models", "catalog.yaml"));

/** The built-in entries and the user's, whose entry wins under the same name. */
export function catalog(): ModelEntry[] {
  const own = entriesOf(userCatalog());
  const byName = new Map([...builtIn().map(reachable), ...own].map((entry) => [entry.name, entry]));
  return [...byName.values()];
}

/** A hosted model whose own key is missing is asked for at the server that was named, with the key that goes with it. */
function reachable(entry: ModelEntry): ModelEntry {
  if (!entry.baseURL || environment(entry.apiKeyEnv) || !environment("OPENAI_BASE_URL")) return entry;
  const { baseURL: _, ...elsewhere } = entry;
  return { ...elsewhere, apiKeyEnv: "OPENAI_API_KEY" };
}

/**
 * The entry of a model. An unknown name is a model of the endpoint at OPENAI_BASE_URL; one that ends with `.gguf` is a
 * file, except where OPENAI_BASE_URL is set and it is a bare name or no such file is here: llama.cpp's server goes by such names.
 * Throws a CatalogError for a name that is blank or of several lines.
 */
export function modelEntry(name: string): ModelEntry {
  if (name.trim() === "") throw new CatalogError("The name of the model is blank.");
  if (/[\p{Cc}\u2028\u2029]/u.test(name))
    throw new CatalogError(`${JSON.stringify(name)} is no model's name: it holds a line break or a control.`);
  const known = knownEntry(name);
  if (known) return known;
  const atServer = environment("OPENAI_BASE_URL") && (!/[\\/]/.test(name) || !existsSync(resolve(name)));
  if (name.endsWith(".gguf") && !atServer)
    return ModelEntry.parse({
      name,
      provider: "llama.cpp",
      weights: name,
      context: 8192,
      structured: "grammar",
    });
  const unknown = unknownEntries.get(name) ?? ModelEntry.parse({ name });
  unknownEntries.set(name, unknown);
  return unknown;
}

const unknownEntries = new Map<string, ModelEntry>();

/** As `catalog()` has it, without making the whole of it: each node of each run asks. */
function knownEntry(name: string): ModelEntry | undefined {
  const lower = name.toLowerCase();
  const isMeant = (entry: ModelEntry) => entry.name.toLowerCase() === lower;
  const own = entriesOf(userCatalog());
  const given = builtIn().find(isMeant);
  const named = given?.name ?? own.find(isMeant)?.name;
  return own.findLast((entry) => entry.name === named) ?? (given && reachable(given));
}

/** Whether a name is asked for at a server while a file here has it too. */
export const isAlsoFile = (entry: ModelEntry): boolean =>
  entry.provider === "openai" && entry.name.endsWith(".gguf") && existsSync(resolve(entry.name));

/** Where an entry's requests go, as shown to people and used as key: a base URL, or `llama.cpp`. Throws a CatalogError. */
export function endpointOf(entry: ModelEntry): string {
  if (entry.provider === "llama.cpp") return "llama.cpp";
  return entry.baseURL ? baseUrl(entry.baseURL, `baseURL of ${entry.name}`) : defaultServer();
}

export const isLocal = (endpoint: string): boolean =>
  /^https?:\/\/(localhost|127\.|\[::1\]|0\.0\.0\.0|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/i.test(
    endpoint,
  );

/** The key for an entry: null where a local endpoint needs none. Throws a sentence that names the variable. */
export function apiKey(entry: ModelEntry): string | null {
  const server = environment("OPENAI_BASE_URL");
  if (entry.selfHosted && !entry.baseURL && !server)
    throw new CatalogError(`${entry.name} needs a server of your own: set OPENAI_BASE_URL.`);
  const key = environment(entry.apiKeyEnv);
  if (key) return sendableKey(key, entry.apiKeyEnv);
  const endpoint = endpointOf(entry);
  if (isLocal(endpoint)) return null;
  const elsewhere = server && !entry.baseURL ? "" : ", or OPENAI_BASE_URL for a server of your own";
  throw new CatalogError(
    `${entry.name} is reached at ${endpoint}, which needs a key: set ${entry.apiKeyEnv}${elsewhere}.`,
  );
}
