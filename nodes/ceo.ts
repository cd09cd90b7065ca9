import { z } from "zod";
import { groups } from "../answers/answer.ts";
import type { Settings } from "../graphs/settings.ts";
import { type Action, actions, type Candidate, type Decision, formats } from "../graphs/state.ts";
import { replyRoom } from "../models/catalog.ts";
import { type Decided, decide } from "../models/decide.ts";
import { Unparsable } from "../models/errors.ts";
import { ContextOverflow, type Money, OutOfBudget } from "../models/ledger.ts";
import { affords, type Line, reservation } from "../models/line.ts";
import type { Structure } from "../models/structured.ts";
import { shortest, shortSolve } from "./begin.ts";
import { type Brief, brief, repair, speech } from "./brief.ts";
import { type Choice, choose, lastWords } from "./candidates.ts";
import { executable } from "./execute.ts";
import {
  clamp,
  fallback,
  finish,
  lawful,
  legalActions,
  type Position,
  referenceOrder,
  turnOf,
} from "./rules.ts";
import { type Desk, type Ready, stage, type Update } from "./stage.ts";

const synonyms: Record<string, string> = {
  stop: "finish",
  end: "finish",
  done: "finish",
  conclude: "finish",
  hire: "recruit",
  continue: "discuss",
  test: "execute",
  run: "execute",
  judge: "evaluate",
};
const ActionWord = z.preprocess((said) => {
  const word = typeof said === "string" ? (said.toLowerCase().match(/[a-z]+/)?.[0] ?? said) : said;
  return typeof word === "string" ? (synonyms[word] ?? word) : word;
}, z.enum(actions));

const CeoDecision = z.object({
  action: ActionWord,
  experts: z.number().default(1),
  format: z.enum(formats).catch("critique"),
  rounds: z.number().default(0),
  tokensPerTurn: z.number().default(1024),
  assignments: z.array(z.object({ expert: z.string(), focus: z.string().default("") })).catch([]),
  direction: z.string().default(""),
  confidence: z.number().default(0),
  reason: z.string().default(""),
});
type CeoDecision = z.infer<typeof CeoDecision>;
const decision: Structure<CeoDecision> = { name: "ceo_decision", schema: CeoDecision };

const WANTED = 512;
const FLOOR = 96;
const UNAFFORDABLE = "a decision by the CEO does not fit into the budget";

/** Decides what happens next: as the CEO says, within the rules; without asking it where only one action is legal. */
export const ceo = stage("ceo", async (state, desk) => {
  const { settings } = desk;
  const best = choose(state.candidates, state.task, settings.rule);
  // Without any candidate, one short solve is kept.
  const keep = best ? undefined : await shortSolve(state, desk);
  const line = await desk.line("ceo", keep);
  const halted = state.halted ?? (desk.timeLeft() <= 0 ? "seconds" : null);
  const before = await survey({ ...state, halted }, desk, best);
  if (legalActions(before, settings).length === 1)
    return forced(state, desk, before, endOf(before, settings));

  const fixed = settings.procedure === "mas-tts" ? referenceOrder(before, settings) : null;
  if (fixed)
    return record(state, desk, {
      asked: null,
      applied: fixed,
      forced: true,
      reason: "fixed by procedure mas-tts",
    });

  const { messages, prompt } = briefCeo(state, desk, best, before, line);
  const wish = {
    wanted: replyRoom(line.model.entry, WANTED),
    floor: FLOOR,
    prompt,
    repeat: state.decisions.length,
  };
  if ((await affords(line, messages, wish, decision)) === 0) return forced(state, desk, before, UNAFFORDABLE);

  let said: Decided<CeoDecision>;
  try {
    said = await decide(line, messages, wish, decision, repair);
  } catch (error) {
    if (error instanceof OutOfBudget && error.account === "seconds") {
      const late: Position = { ...before, halted: "seconds" };
      return forced(state, desk, late, endOf(late, settings));
    }
    if (error instanceof OutOfBudget || error instanceof ContextOverflow)
      return forced(state, desk, before, UNAFFORDABLE);
    if (error instanceof Unparsable) return misunderstood(state, desk, before, error);
    throw error;
  }
  // What is left has shrunk by this very call.
  const position = await survey({ ...state, halted }, desk, best);
  const { value: asked, reasoning } = said;
  const { reason, ...plan } = asked;
  const wanted =
    settings.procedure === "mas-tts" && plan.action !== "finish"
      ? { ...plan, action: "recruit" as const, format: "critique" as const, rounds: settings.rounds }
      : plan;
  const applied = clamp(lawful(wanted, position, settings), position, settings);
  return record(state, desk, { asked, applied, forced: false, reason: reason.slice(0, 500), reasoning });
});

/** Counts what the rules need to know; a new turn begins without what was said in this one. */
async function survey(state: Ready, desk: Desk, best: Choice | null): Promise<Position> {
  const expert = await desk.line("solve");
  const { messages } = speech(
    { ...state, transcript: [] },
    desk.settings,
    expert.model,
    "",
    best ? "revise" : "draft",
    best?.candidate ?? null,
  );
  const least = shortest(desk.settings);
  const price = await reservation(expert, messages, least);
  const { tokens, usd } = desk.left();
  return {
    experts: state.experts,
    best: best?.candidate ?? null,
    turn: turnOf(state.decisions),
    checkable: executable(state.candidates, best?.candidate ?? null, state.task),
    // Dollars count as the tokens of short replies that they buy.
    left: price.usd > 0 ? Math.min(tokens, (usd / price.usd) * price.tokens) : tokens,
    prompt: price.tokens - least,
    shortest: least,
    halted: state.halted,
  };
}

function endOf({ best, halted, turn }: Position, { maxTurns }: { maxTurns: number }) {
  if (best?.verified) return "the answer passed all checks";
  if (halted === "seconds") return "the time is spent";
  if (halted) return "the budget is spent";
  return turn >= maxTurns ? "all turns are spent" : "no further step fits into the budget";
}

/** What is done where the CEO cannot be asked. */
function forced(state: Ready, desk: Desk, position: Position, reason: string): Update {
  const applied = fallback(position, desk.settings);
  const broke = applied.action === "finish" && !position.best?.verified && /budget|time/.test(reason);
  const halted = position.halted ?? (broke ? "tokens" : null);
  return { ...record(state, desk, { asked: null, applied, forced: true, reason }), halted };
}

/** A reply that could not be read, even after a repair: never the most expensive way on. */
function misunderstood(state: Ready, desk: Desk, position: Position, error: Unparsable): Update {
  const first = !state.decisions.some(({ asked }) => asked && "unparsable" in asked);
  const judge = first && legalActions(position, desk.settings).includes("evaluate");
  const applied = judge ? { ...finish, action: "evaluate" as const } : fallback(position, desk.settings);
  const asked = { unparsable: error.text.slice(0, 500) };
  return record(state, desk, {
    asked,
    applied,
    forced: true,
    reason: "the CEO's decision could not be read",
    reasoning: error.reasoning,
  });
}

function record({ decisions }: Ready, { step }: Desk, fields: Omit<Decision, "id" | "step">): Update {
  return { decisions: [{ id: `d${decisions.length + 1}`, step, ...fields }] };
}

function briefCeo(state: Ready, desk: Desk, best: Choice | null, position: Position, line: Line): Brief {
  const { settings, budget } = desk;
  const { turn, experts } = position;
  const team = Math.max(1, experts.length);
  const values = {
    actions: offered(position, settings).join(", "),
    left: money(desk.left()),
    budget: money(budget),
    price: money({
      tokens: team * (position.prompt + typical(state, position)),
      usd: Number.POSITIVE_INFINITY,
    }),
    turn: turn + 1,
    turnsLeft: Math.max(0, settings.maxTurns - turn - 1),
    maxExperts: settings.maxExperts,
    maxRounds: settings.rounds,
    maxTokens: rounded(Math.min(settings.maxTokensPerTurn, position.left)),
    experts: experts.map(({ name, expertise }) => `${name} (${expertise})`).join("; "),
    candidate: best && standing(best),
    disagreement: disagreement(state),
    check: best?.candidate.check?.detail,
    verdict: best?.candidate.verdict && verdictText(best.candidate.verdict),
  };
  return brief("ceo", state.task, settings, line.model.entry, { values });
}

/** Without any answer there is nothing to finish with; a CEO that says `finish` all the same is obeyed. */
function offered(position: Position, settings: Settings): Action[] {
  if (settings.procedure === "mas-tts") return position.best ? ["recruit", "finish"] : ["recruit"];
  const legal = legalActions(position, settings);
  return position.best ? legal : legal.filter((action) => action !== "finish");
}

/** Two digits: the CEO is to weigh, and a recorded run must ask the same again. */
const rounded = (value: number) => Number(value.toPrecision(2));

function money({ tokens, usd }: Money): string {
  const dollars = Number.isFinite(usd) ? ` and $${rounded(usd)}` : "";
  return `${rounded(tokens).toLocaleString("en-US")} tokens${dollars}`;
}

/** Mean output of what experts said so far; before they spoke, a guess. */
function typical(state: Ready, { shortest: least }: Position): number {
  const said = state.spend.filter(
    ({ node, status }) => status === "settled" && (node === "solve" || node === "critique"),
  );
  return said.length > 0 ? said.reduce((sum, { output }) => sum + output, 0) / said.length : 2 * least;
}

/** What others said stands on one line each: it cannot pass for the CEO's own brief. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
/** The end of a text, which holds its answer. */
function ending(text: string, most: number): string {
  const line = oneLine(text);
  return line.length > most ? `…${line.slice(-most)}` : line;
}

function standing({ candidate, votes, voters }: Choice): string {
  const support = voters > 1 ? `, ${votes} of ${voters} experts agree` : "";
  const excerpt =
    candidate.text.length > candidate.answer.length + 20 ? `\n  It ends: ${ending(candidate.text, 400)}` : "";
  return `${ending(candidate.answer, 600)} (by ${candidate.expert}${support})${excerpt}`;
}

function disagreement(state: Ready): string {
  const last = lastWords(state.candidates);
  const parties = groups(
    last.map(({ answer }) => answer),
    state.task,
  );
  const answers =
    parties.length > 1 ? last.map(({ expert, answer }) => `${expert}: ${ending(answer, 80)}`) : [];
  const turn = turnOf(state.decisions);
  const objections = state.transcript
    .filter((utterance) => utterance.turn === turn && utterance.agree === false)
    .slice(-4)
    .map(({ expert, text }) => `${expert} objects: ${oneLine(text).slice(0, 200)}`);
  return [...answers, ...objections].join("; ");
}

function verdictText({ accepted, advice, unusable }: NonNullable<Candidate["verdict"]>): string {
  if (accepted) return "accepted";
  return unusable ? "gave no usable verdict" : `rejected: ${oneLine(advice).slice(0, 300)}`;
}
