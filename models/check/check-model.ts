import { endpointOf, isLocal, ModelEntry, modelEntry, type StructuredMethod } from "../catalog.ts";
import { listedLimits } from "../endpoint-limits.ts";
import { EndpointError } from "../errors.ts";
import { listModels } from "../http.ts";
import { type OpenModel, openEndpoint } from "../open.ts";
import {
  type ProbeResult,
  probeContextLength,
  probeContinuation,
  probeJson,
  probeMaxOutput,
  probeText,
  thinkingOf,
} from "./probe.ts";

/** One thing that was asked of a server. `found` null: it could not be found out. */
interface Finding {
  what: string;
  found: string | null;
  /** Why not, or what is to be known. */
  note?: string;
}

export interface ModelCheck {
  name: string;
  endpoint: string;
  findings: Finding[];
  /** What the server was seen to take. */
  entry: ModelEntry;
}

/** From the strictest on. */
const methods: readonly StructuredMethod[] = ["json_schema", "tool", "json_object", "prompt"];
const LISTING_MS = 5000;
/** No model has a longer context, in tokens. */
const MOST_CONTEXT = 1e7;

/**
 * Asks the server of a model one small request of each kind, and says what it can. Throws a CatalogError where it cannot be asked,
 * and an EndpointError where it does not answer at all.
 */
export async function checkModel(
  name: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<ModelCheck> {
  const known = modelEntry(name);
  const endpoint = endpointOf(known);
  const findings: Finding[] = [];
  const note = (what: string, found: string | null, note?: string) => {
    const finding = { what, found, ...(note !== undefined && { note }) };
    findings.push(finding);
    say(findingText(finding));
  };
  const listing = await listed(known, signal);
  note("listing", listing.found, listing.note);
  const model = await openEndpoint({ ...known, ...listing.limits });
  await checkText(model, note, signal);
  await checkJson(model, note, signal);
  await checkContinuation(model, note, signal);
  await checkLimits(model, listing.limits, note, signal);
  const { omit } = model.entry;
  note("refused fields", omit.length > 0 ? omit.join(", ") : "none");
  note("price", null, "no server tells it");
  return { name, endpoint, findings, entry: ModelEntry.parse(withoutBudget(model.entry)) };
}

/** A finding on one line. */
export const findingText = ({ what, found, note }: Finding): string =>
  `${what}: ${[found ?? "not found out", note].filter(Boolean).join(", ")}`;

/** The budget follows from the other fields where nobody entered one. */
function withoutBudget({ budgetTokens: _, ...entry }: ModelEntry) {
  return entry;
}

type Note = (what: string, found: string | null, note?: string) => void;

async function listed(known: ModelEntry, signal?: AbortSignal) {
  const soon = AbortSignal.timeout(LISTING_MS);
  const id = known.id ?? known.name;
  try {
    const body = await listModels(known, signal ? AbortSignal.any([signal, soon]) : soon);
    const data = (body as { data?: unknown } | null)?.data;
    const ids = Array.isArray(data) ? data.map((model) => String(model?.id)) : [];
    if (ids.length === 0) return { limits: {}, found: null, note: "the server lists no models" };
    const found = ids.includes(id) ? `lists ${id}` : `lists ${ids.slice(0, 5).join(", ")}, not ${id}`;
    return { limits: listedLimits(body, id), found };
  } catch {
    signal?.throwIfAborted();
    return { limits: {}, found: null, note: "the server gives no list of models" };
  }
}

/** Text, pieces, usage, thinking and the system message: one request, a second where the first was refused for its roles. */
async function checkText(model: OpenModel, note: Note, signal?: AbortSignal): Promise<void> {
  const { entry } = model;
  const probed = await probeText(model, entry.system, signal).catch((error: unknown) => {
    if (!entry.system || !(error instanceof EndpointError) || ![400, 422, 500].includes(error.status ?? 0))
      throw error;
    return probeText(model, false, signal).then((probed) => {
      entry.system = false;
      return probed;
    });
  });
  note("text", "yes", shortly(probed));
  note(
    "streaming",
    probed.pieces > 1 ? "in pieces" : null,
    probed.pieces > 1 ? undefined : "it came at once",
  );
  note("system message", entry.system ? "taken" : "refused");
  const { call } = probed;
  const doubts = call.usageDoubts?.join(", ");
  note("usage", call.estimated && !doubts ? "not reported" : doubts ? "doubtful" : "reported", doubts);
  Object.assign(entry, thinkingOf(probed));
  note("thinking", thinkingWords[entry.reasoning]);
}

const thinkingWords: Record<ModelEntry["reasoning"], string> = {
  none: "none seen",
  think: "between tags in the reply",
  field: "in a field of its own",
  hidden: "in the bill alone",
};

const shortly = ({ completion }: ProbeResult) => {
  const line = completion.text.replace(/\s+/g, " ").trim();
  return line === "" ? "but nothing was said" : `said ${JSON.stringify(line.slice(0, 60))}`;
};

async function checkJson(model: OpenModel, note: Note, signal?: AbortSignal): Promise<void> {
  const obeyed: StructuredMethod[] = [];
  for (const method of methods) {
    try {
      const found = await probeJson(model, method, signal);
      if (found === "obeyed") obeyed.push(method);
      note(method, found === "ignored" ? "taken, but the reply was another" : found);
    } catch (error) {
      signal?.throwIfAborted();
      note(method, null, (error as Error).message);
    }
  }
  model.entry.structured = obeyed[0] ?? "prompt";
}

async function checkContinuation(model: OpenModel, note: Note, signal?: AbortSignal): Promise<void> {
  try {
    model.entry.continues = await probeContinuation(model, signal);
    note("unfinished replies", model.entry.continues ? "are gone on with" : "are begun anew");
  } catch (error) {
    signal?.throwIfAborted();
    model.entry.continues = false;
    note("unfinished replies", "refused", (error as Error).message);
  }
}

async function checkLimits(
  model: OpenModel,
  limits: Partial<ModelEntry>,
  note: Note,
  signal?: AbortSignal,
): Promise<void> {
  const { entry } = model;
  let why = "a reply of any length is taken, or shortened without a word";
  const taught = await probeMaxOutput(model, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    why = (error as Error).message;
    return null;
  });
  const isKnown = (context: number | undefined) => context !== undefined && context < MOST_CONTEXT;
  // A prompt that is too long is sent to a server of one's own alone: another would be paid for it.
  const unknown = !isKnown(limits.context) && !isKnown(taught?.context);
  const long = unknown && isLocal(model.endpoint) ? await probeContextLength(model, signal) : null;
  const contexts = [limits.context, taught?.context, long?.context].filter((one) => isKnown(one));
  const context = Math.min(...(contexts as number[]));
  const known = contexts.length > 0;
  if (known) entry.context = context;
  note(
    "context",
    known ? `${context} tokens` : null,
    known ? undefined : `${entry.context} tokens are assumed`,
  );
  const output = limits.maxOutput ?? taught?.maxOutput;
  if (output !== undefined) entry.maxOutput = output;
  note(
    "largest output",
    output === undefined ? null : `${output} tokens`,
    output === undefined ? why : undefined,
  );
}
