import { redactJson } from "../../secrets.ts";
import { stateOf, UnreadableTrace } from "../../tracing/state-of.ts";
import { type AssembledRow, assemble, UnreadableRun } from "./assemble.ts";
import type { Guard } from "./benchmarks.ts";
import { rejectDisagreement } from "./consensus.ts";
import { rejectContaminated } from "./decontaminate.ts";
import type { Funnel } from "./funnel.ts";
import { type Judge, type JudgedAnswer, solutionOf } from "./gold.ts";
import { licenceOf } from "./licence.ts";
import type { Tries } from "./pass-rate.ts";
import { problemOf } from "./problem.ts";
import { rejectByLength } from "./reject-by-length.ts";
import { rejectIncorrect } from "./reject-incorrect.ts";
import { rejectMalformed } from "./reject-malformed.ts";
import { rejectIncomplete, rejectUnfinished } from "./reject-unfinished.ts";
import { type Rejection, rejector } from "./rejection.ts";
import type { DatasetRow } from "./row.ts";
import type { CurateSettings } from "./settings.ts";
import type { Trace } from "./trace.ts";

/** What a trace was about, also where it cannot be read. */
export interface TraceOrigin {
  benchmark: string | null;
  item: string | null;
  mode: string | null;
}

/** A trace, or a record of M500, after the filters that look at it alone. */
export interface Filtered {
  id: string;
  /** When it began and ended, ISO; null: not known. */
  time: [start: string | null, end: string | null];
  about: TraceOrigin;
  /** Null where a trace cannot be read as a row. */
  row: DatasetRow | null;
  rejection: Rejection | null;
  /** Its text must not be written anywhere. */
  withheld: boolean;
}

export interface FilterContext {
  settings: CurateSettings;
  guard: Guard;
  judge: Judge;
  /** Is told what lone solvers made of each problem. */
  tries: Map<string, Tries>;
  funnel: Funnel;
  signal?: AbortSignal | undefined;
}

/** The filters that look at one trace, in their order, over a stream of traces. */
export async function* applyFilters(
  traces: AsyncIterable<Trace>,
  filtering: FilterContext,
): AsyncGenerator<Filtered> {
  for await (const trace of traces) {
    filtering.signal?.throwIfAborted();
    filtering.funnel.read++;
    const result = await filter(trace, filtering);
    if (result.rejection) filtering.funnel.reject(result.rejection);
    const { start_time, end_time = null, metadata } = trace.root;
    const named = (key: string) => (metadata?.[key] === undefined ? null : String(metadata[key]));
    const about = {
      benchmark: named("boardroom_benchmark"),
      item: named("boardroom_item"),
      mode: named("boardroom_mode"),
    };
    // Traces of other programs and of older versions may hold keys.
    yield { id: trace.id, time: [start_time, end_time], about, ...result, row: redactJson(result.row) };
  }
}

const finished = rejector("finished");
const decontaminate = rejector("decontaminate");

type Outcome = Pick<Filtered, "row" | "rejection" | "withheld">;

async function filter(trace: Trace, filtering: FilterContext): Promise<Outcome> {
  let assembled: AssembledRow;
  let early: Rejection | null;
  try {
    const state = stateOf(trace);
    early = rejectUnfinished(trace) ?? rejectIncomplete(trace, state);
    if (early && (state === null || state.answer === null))
      return { row: null, rejection: early, withheld: true };
    assembled = assemble(trace, state!);
  } catch (error) {
    if (!(error instanceof UnreadableRun || error instanceof UnreadableTrace)) throw error;
    const rejection = rejectUnfinished(trace) ?? finished("unreadable", error.message);
    return { row: null, rejection, withheld: true };
  }
  const { row, task } = assembled;
  if (early) return { row, rejection: early, withheld: mustWithhold(assembled, undefined, filtering) };
  const judged = await filtering.judge(trace, assembled, filtering.signal);
  addGold(row, judged);
  noteTry(row, filtering);
  const { settings, guard } = filtering;
  const origin = judged.item?.meta.origin;
  const rejection =
    rejectIncorrect(judged, settings.minScore) ??
    rejectDisagreement(assembled, settings.consensus) ??
    rejectMalformed(row, task) ??
    rejectByLength(row, { min: settings.minTokens, max: settings.maxTokens }) ??
    rejectContaminated(guard.index, task) ??
    ofBenchmark(row, origin);
  if (!rejection) {
    const hint = guard.index.hint(task);
    if (hint) row.provenance.flags = [`8-gram: ${hint}`];
  }
  return { row, rejection, withheld: mustWithhold(assembled, origin, filtering) };
}

/** What the judge knows goes into the row. */
function addGold(row: DatasetRow, { item, score, method }: JudgedAnswer): void {
  if (item) row.solution = solutionOf(item);
  Object.assign(row.provenance, {
    score,
    method,
    licence: licenceOf(row.provenance.benchmark, item?.meta.origin),
  });
}

function noteTry({ question, provenance }: DatasetRow, { tries, settings }: FilterContext): void {
  if (provenance.mode !== "solo" || provenance.score === null) return;
  const problem = problemOf(question);
  const before = tries.get(problem) ?? { right: 0, tries: 0 };
  const right = before.right + Number(provenance.score >= settings.minScore);
  tries.set(problem, { right, tries: before.tries + 1 });
}

/** A benchmark's own item, known by where it was loaded from, also where its texts are not at hand to compare. */
function ofBenchmark({ provenance: { benchmark, item } }: DatasetRow, origin: string | undefined) {
  const test = benchmark !== null && benchmark !== "own" && origin === "canonical";
  if (test || (benchmark === GPQA && origin !== "samples"))
    return decontaminate("contaminated", `${benchmark} ${item} (the benchmark's own item)`);
  return null;
}

const GPQA = "gpqa-diamond";

/** GPQA's authors ask that its items are put in plain text nowhere, rejected rows included. */
function mustWithhold(
  { row, task }: AssembledRow,
  origin: string | undefined,
  { guard }: FilterContext,
): boolean {
  if (row.provenance.benchmark === GPQA && origin !== "samples") return true;
  return guard.index.leak(task)?.item.startsWith(GPQA) ?? false;
}
