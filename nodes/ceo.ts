import { z } from "zod";
import { groups } from "../answers/answer.ts";
import { affordableOutput, type CallContext, reservationFor } from "../models/call-context.ts";
import { outputRoom } from "../models/catalog.ts";
import { UnparsableReply } from "../models/errors.ts";
import { type GeneratedObject, generateObject } from "../models/generate-object.ts";
import { ContextOverflow, type Money, OutOfBudget } from "../models/ledger.ts";
import type { OutputSchema } from "../models/structured.ts";
import { actions, formats } from "../state/actions.ts";
import { type BestCandidate, bestOf, lastCandidates } from "../state/best-candidate.ts";
import { type Candidate, candidatesOf } from "../state/candidate.ts";
import type { Decision } from "../state/decision.ts";
import { messagesIn } from "../state/discussion.ts";
import { type Settings, seatsOf } from "../state/settings.ts";
import { minSolveCost } from "./begin.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { decisionAnswered, decisionPause, mostTokensOf, passesLimit } from "./pauses.ts";
import {
  callsOf,
  clampPlan,
  fallbackPlan,
  finishPlan,
  legalActions,
  legalPlan,
  offeredActions,
  type PolicyInput,
  referenceOrder,
  turnOf,
} from "./policy.ts";
import { framed, nodePrompt, type Prompt, repairPrompt } from "./prompt.ts";
import { stage } from "./stage.ts";
import { survey } from "./survey.ts";

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
const decision: OutputSchema<CeoDecision> = { name: "ceo_decision", schema: CeoDecision };

const WANTED = 512;
const FLOOR = 96;
const UNAFFORDABLE = "a decision by the CEO does not fit into the budget";

/** Decides what happens next, and whether a person is asked before that. */
export const ceo = stage("ceo", async (state, context) => {
  if (decisionAnswered(state)) return { pause: null };
  const update = await decide(state, context);
  const [made] = update.decisions ?? [];
  const next = made ? await mostTokensOf(made.applied, "ceo", state, context) : 0;
  const pause = update.pause ?? (made ? decisionPause(made, "ceo", next, state, context) : null);
  return { ...update, ...((pause || state.pause) && { pause }) };
});

/** As the CEO says, within the rules; without asking it where only one action is legal. */
async function decide(state: RunningState, context: NodeContext): Promise<NodeUpdate> {
  const { settings } = context;
  const best = bestOf(state);
  // Without any candidate, one short solve is kept.
  const reserved = best ? undefined : await minSolveCost(state, context);
  const call = await context.callContext("ceo", reserved);
  const halted = state.halted ?? (context.timeLeft() <= 0 ? "seconds" : null);
  const before = await survey({ ...state, halted }, context, best);
  if (legalActions(before, settings).every((action) => action === "finish"))
    return forced(state, context, before, endOf(before, settings));

  const fixed = settings.procedure === "mas-tts" ? referenceOrder(before, settings) : null;
  if (fixed)
    return record(state, context, {
      asked: null,
      applied: fixed,
      forced: true,
      reason: "fixed by procedure mas-tts",
    });

  const { messages, prompt } = briefCeo(state, context, best, before, call);
  const options = {
    maxTokens: outputRoom(call.model.entry, WANTED),
    minTokens: FLOOR,
    prompt,
    sampleIndex: state.decisions.length,
  };
  if ((await affordableOutput(call, messages, options, decision)) === 0)
    return forced(state, context, before, UNAFFORDABLE);
  const { tokens: next } = await reservationFor(call, messages, options.maxTokens);
  if (passesLimit(next, state, context)) return { pause: { at: "spend", from: "ceo", next } };

  let said: GeneratedObject<CeoDecision>;
  try {
    said = await generateObject(call, messages, options, decision, repairPrompt);
  } catch (error) {
    if (error instanceof OutOfBudget && error.account === "seconds") {
      const late: PolicyInput = { ...before, halted: "seconds" };
      return forced(state, context, late, endOf(late, settings));
    }
    if (error instanceof OutOfBudget || error instanceof ContextOverflow)
      return forced(state, context, before, UNAFFORDABLE);
    if (error instanceof UnparsableReply) return misunderstood(state, context, before, error);
    throw error;
  }
  // What is left has shrunk by this very call.
  const position = await survey({ ...state, halted }, context, best);
  const { value: asked, reasoning } = said;
  const { reason, ...plan } = asked;
  const wanted =
    settings.procedure === "mas-tts" && plan.action !== "finish"
      ? { ...plan, action: "recruit" as const, format: "critique" as const, rounds: settings.rounds }
      : plan;
  const applied = clampPlan(legalPlan(wanted, position, settings), position, settings);
  return record(state, context, { asked, applied, forced: false, reason: reason.slice(0, 500), reasoning });
}

function endOf({ best, halted, turn }: PolicyInput, { maxTurns }: { maxTurns: number }) {
  if (best?.check?.passed) return "the answer passed all checks";
  if (halted === "seconds") return "the time is spent";
  if (halted) return "the budget is spent";
  return turn >= maxTurns ? "all turns are spent" : "no further step fits into the budget";
}

/** What is done where the CEO cannot be asked. */
function forced(
  state: RunningState,
  context: NodeContext,
  position: PolicyInput,
  reason: string,
): NodeUpdate {
  const applied = fallbackPlan(position, context.settings);
  const broke = applied.action === "finish" && !position.best?.check?.passed && /budget|time/.test(reason);
  const halted = position.halted ?? (broke ? "tokens" : null);
  return { ...record(state, context, { asked: null, applied, forced: true, reason }), halted };
}

/** A reply that could not be read, even after a repair: never the most expensive way on. */
function misunderstood(
  state: RunningState,
  context: NodeContext,
  position: PolicyInput,
  error: UnparsableReply,
): NodeUpdate {
  const first = !state.decisions.some(({ asked }) => asked && "unparsable" in asked);
  const judge = first && legalActions(position, context.settings).includes("evaluate");
  const applied = judge
    ? { ...finishPlan, action: "evaluate" as const }
    : fallbackPlan(position, context.settings);
  const asked = { unparsable: error.text.slice(0, 500) };
  return record(state, context, {
    asked,
    applied,
    forced: true,
    reason: "the CEO's decision could not be read",
    reasoning: error.reasoning,
  });
}

function record(
  { decisions }: RunningState,
  { step }: NodeContext,
  fields: Omit<Decision, "id" | "step">,
): NodeUpdate {
  return { decisions: [{ id: `d${decisions.length + 1}`, step, ...fields }] };
}

function briefCeo(
  state: RunningState,
  context: NodeContext,
  best: BestCandidate | null,
  position: PolicyInput,
  call: CallContext,
): Prompt {
  const { settings, budget } = context;
  const { turn, experts } = position;
  const team = Math.max(1, experts.length);
  const values = {
    actions: offeredActions(position, settings).join(", "),
    left: money(context.left()),
    budget: money(budget),
    price: money({
      tokens: team * (position.promptTokens + typical(state, position)),
      usd: Number.POSITIVE_INFINITY,
    }),
    turn: turn + 1,
    turnsLeft: Math.max(0, settings.maxTurns - turn - 1),
    maxExperts: seatsOf(settings),
    maxRounds: settings.rounds,
    maxTokens: rounded(Math.min(settings.maxTokensPerTurn, position.tokensLeft)),
    teamTokens: rounded(teamTokens(position, settings)),
    experts: inline(
      (experts.length > 0 ? experts : (settings.experts ?? []))
        .map(({ name, expertise }) => `${name} (${expertise})`)
        .join("; "),
    ),
    candidate: best && standing(best),
    disagreement: disagreement(state),
    messages: messagesIn(state.transcript)
      .map(({ text }) => ending(text, 600))
      .join("; "),
    check: best?.candidate.check && inline(best.candidate.check.detail),
    verdict: best?.candidate.verdict && verdictText(best.candidate.verdict),
  };
  return nodePrompt("ceo", state.task, settings, call.model.entry, { values });
}

/** What each answer of a whole team may have, so that a first round fits into what is left. */
function teamTokens(
  { tokensLeft, promptTokens, minReplyTokens, thinkingTokens }: PolicyInput,
  limits: Settings,
) {
  const calls = callsOf("debate", seatsOf(limits), Math.min(1, limits.rounds));
  const part = Math.floor(tokensLeft / calls) - promptTokens - thinkingTokens;
  return Math.max(minReplyTokens, Math.min(limits.maxTokensPerTurn, part));
}

/** Two digits: the CEO is to weigh, and a recorded run must ask the same again. */
const rounded = (value: number) => Number(value.toPrecision(2));

function money({ tokens, usd }: Money): string {
  const dollars = Number.isFinite(usd) ? ` and $${rounded(usd)}` : "";
  return `${rounded(tokens).toLocaleString("en-US")} tokens${dollars}`;
}

/** Mean output of what experts said so far; before they spoke, a guess. */
function typical(state: RunningState, { minReplyTokens: least, thinkingTokens }: PolicyInput): number {
  const said = state.spend.filter(
    ({ node, status }) => status === "settled" && (node === "solve" || node === "critique"),
  );
  return said.length > 0
    ? said.reduce((sum, { output }) => sum + output, 0) / said.length
    : 2 * least + thinkingTokens;
}

/** What others said stands on one line each: it cannot pass for the prompt's own words. */
const inline = (text: string) => framed(text.replace(/\s+/g, " ").trim());
/** The end of a text, which holds its answer. */
function ending(text: string, most: number): string {
  const line = inline(text);
  return line.length > most ? `…${line.slice(-most)}` : line;
}

function standing({ candidate, votes, voters }: BestCandidate): string {
  const support = voters > 1 ? `, ${votes} of ${voters} experts agree` : "";
  const excerpt =
    candidate.text.length > candidate.answer.length + 20 ? `\n  It ends: ${ending(candidate.text, 400)}` : "";
  return `${ending(candidate.answer, 600)} (by ${candidate.expert}${support})${excerpt}`;
}

function disagreement(state: RunningState): string {
  const last = lastCandidates(candidatesOf(state));
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
    .map(({ expert, text }) => `${expert} objects: ${inline(text).slice(0, 200)}`);
  return [...answers, ...objections].join("; ");
}

function verdictText({ accepted, advice, unusable }: NonNullable<Candidate["verdict"]>): string {
  if (accepted) return "accepted";
  return unusable ? "gave no usable verdict" : `rejected: ${inline(advice).slice(0, 300)}`;
}
