import { groups } from "../answers/answer.ts";
import type { CallContext } from "../models/call-context.ts";
import type { Money } from "../models/money.ts";
import { type BestCandidate, lastCandidates } from "../state/best-candidate.ts";
import { type Candidate, candidatesOf } from "../state/candidate.ts";
import { messagesIn } from "../state/discussion.ts";
import { maxSpeakers, type Settings } from "../state/settings.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { callsOf, offeredActions, type PolicyInput, turnOf } from "./policy.ts";
import { escapeFrame, nodePrompt, type Prompt } from "./prompt.ts";

/**
 * What the CEO sees: where the work stands, what is left, and what it may choose from. No clock: a repeated run asks the
 * same.
 */
export function ceoPrompt(
  state: RunningState,
  context: NodeContext,
  best: BestCandidate | null,
  input: PolicyInput,
  call: CallContext,
): Prompt {
  const { settings, budget } = context;
  const { turn, experts } = input;
  const team = Math.max(1, experts.length);
  const values = {
    actions: offeredActions(input, settings).join(", "),
    left: moneyText(context.left()),
    budget: moneyText(budget),
    price: moneyText({
      tokens: team * (input.promptTokens + meanReplyTokens(state, input)),
      usd: Number.POSITIVE_INFINITY,
    }),
    turn: turn + 1,
    turnsLeft: Math.max(0, settings.maxTurns - turn - 1),
    maxExperts: maxSpeakers(settings),
    maxRounds: settings.rounds,
    maxTokens: rounded(Math.min(settings.maxTokensPerTurn, input.tokensLeft)),
    teamTokens: rounded(teamTokens(input, settings)),
    experts: oneLine(
      (experts.length > 0 ? experts : (settings.experts ?? []))
        .map(({ name, expertise }) => `${name} (${expertise})`)
        .join("; "),
    ),
    candidate: best && candidateText(best),
    disagreement: disagreementText(state),
    messages: messagesIn(state.transcript)
      .map(({ text }) => endOfText(text, 600))
      .join("; "),
    check: best?.candidate.check && oneLine(best.candidate.check.detail),
    verdict: best?.candidate.verdict && verdictText(best.candidate.verdict),
  };
  return nodePrompt("ceo", state.task, settings, call.model.entry, { values });
}

/** What each answer of a whole team may have, so that a first round fits into what is left. */
function teamTokens(
  { tokensLeft, promptTokens, minReplyTokens, thinkingTokens }: PolicyInput,
  limits: Settings,
) {
  const calls = callsOf("debate", maxSpeakers(limits), Math.min(1, limits.rounds));
  const part = Math.floor(tokensLeft / calls) - promptTokens - thinkingTokens;
  return Math.max(minReplyTokens, Math.min(limits.maxTokensPerTurn, part));
}

/** Two digits: the CEO is to weigh, and a recorded run must ask the same again. */
const rounded = (value: number) => Number(value.toPrecision(2));

function moneyText({ tokens, usd }: Money): string {
  const dollars = Number.isFinite(usd) ? ` and $${rounded(usd)}` : "";
  return `${rounded(tokens).toLocaleString("en-US")} tokens${dollars}`;
}

/** Mean output of what experts said so far; before they spoke, a guess. */
function meanReplyTokens(
  state: RunningState,
  { minReplyTokens: least, thinkingTokens }: PolicyInput,
): number {
  const replies = state.spend.filter(
    ({ node, status }) => status === "settled" && (node === "solve" || node === "critique"),
  );
  return replies.length > 0
    ? replies.reduce((sum, { output }) => sum + output, 0) / replies.length
    : 2 * least + thinkingTokens;
}

/** What others said stands on one line each: it cannot pass for the prompt's own words. */
const oneLine = (text: string) => escapeFrame(text.replace(/\s+/g, " ").trim());
/** The end of a text, which holds its answer. */
function endOfText(text: string, most: number): string {
  const line = oneLine(text);
  return line.length > most ? `…${line.slice(-most)}` : line;
}

function candidateText({ candidate, votes, voters }: BestCandidate): string {
  const support = voters > 1 ? `, ${votes} of ${voters} experts agree` : "";
  const excerpt =
    candidate.text.length > candidate.answer.length + 20
      ? `\n  It ends: ${endOfText(candidate.text, 400)}`
      : "";
  return `${endOfText(candidate.answer, 600)} (by ${candidate.expert}${support})${excerpt}`;
}

function disagreementText(state: RunningState): string {
  const last = lastCandidates(candidatesOf(state));
  const parties = groups(
    last.map(({ answer }) => answer),
    state.task,
  );
  const answers =
    parties.length > 1 ? last.map(({ expert, answer }) => `${expert}: ${endOfText(answer, 80)}`) : [];
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
