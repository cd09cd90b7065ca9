import type { Floor, Utterance } from "../graphs/state.ts";
import { EndpointError } from "../models/errors.ts";
import { type Money, shared } from "../models/ledger.ts";
import { reservation } from "../models/line.ts";
import { shortest } from "./begin.ts";
import { speech } from "./brief.ts";
import { choose } from "./candidates.ts";
import { SHORTEST_CRITIQUE } from "./critique.ts";
import { emptied, floor, type Turn } from "./floor.ts";
import { turnOf } from "./rules.ts";
import { type Desk, type Ready, stage } from "./stage.ts";

/** Gives the floor, and each speaker an equal share of the money; calls no model. */
export const discuss = stage("discuss", async (state, desk) => {
  const turn = turnOf(state.decisions);
  const said = heard(state, desk);
  const best = choose(state.candidates, state.task, desk.settings.rule)?.candidate ?? null;
  const experts = refocused(state);
  const next = floor({
    task: state.task,
    plan: state.decisions.at(-1)!.applied,
    experts,
    standing: best !== null,
    said: said.filter((utterance) => utterance.turn === turn),
    before: said.filter((utterance) => utterance.turn === turn - 1),
  });
  const halted = unpaid(said, state) ?? (desk.timeLeft() <= 0 ? "seconds" : null);
  if (next.say === "done" || halted) return { experts, next: ended(next, turn), ...(halted && { halted }) };
  const paid = await funded({ ...state, experts }, desk, next);
  if (paid) return { experts, next: { ...next, ...paid, turn } };
  return {
    experts,
    next: ended(next, turn),
    halted: desk.left().usd === 0 ? ("usd" as const) : ("tokens" as const),
  };
});

const ended = (next: Turn, turn: number): Floor => ({
  ...next,
  say: "done",
  who: [],
  turn,
  share: { tokens: 0, usd: 0 },
});

/**
 * The discussion so far. Where the endpoint failed everyone who had the floor, the run breaks off here (it can be
 * resumed); the resumed run gives the same speakers the floor again.
 */
function heard(state: Ready, desk: Desk): Utterance[] {
  const last = state.transcript.filter(({ step }) => step === desk.step - 1);
  const unreached = last.length > 0 && last.every(({ abstained }) => abstained === "endpoint");
  if (!unreached) return state.transcript;
  if (desk.brokeBefore) return state.transcript.filter((utterance) => !last.includes(utterance));
  desk.breakOff();
  throw new EndpointError(last[0]?.error ?? "the endpoint failed every speaker");
}

/** The account that was empty where everyone who last had the floor could not pay. */
function unpaid(said: readonly Utterance[], state: Ready): Ready["halted"] {
  const { next } = state;
  const last = said.filter(
    ({ turn, round, expert }) => turn === next?.turn && round === next.round && next.who.includes(expert),
  );
  const accounts = last.map(({ abstained }) => emptied(abstained));
  return accounts.length > 0 && accounts.every((account) => account !== null) ? (accounts[0] ?? null) : null;
}

/** The CEO's assignments for this turn, as each expert's focus. */
function refocused({ experts, decisions }: Ready) {
  const { action, assignments } = decisions.at(-1)!.applied;
  if (action !== "discuss") return experts;
  return experts.map((expert) => {
    const own = assignments.find(({ expert: name }) => name.toLowerCase() === expert.name.toLowerCase());
    return own ? { ...expert, focus: own.focus } : expert;
  });
}

/** As many of the speakers as the money is enough for, each with an equal share; null where it is enough for none. */
async function funded(state: Ready, desk: Desk, next: Turn): Promise<Pick<Floor, "who" | "share"> | null> {
  const best = choose(state.candidates, state.task, desk.settings.rule)?.candidate ?? null;
  const critics = next.say === "critique";
  const line = await desk.line(critics ? "critique" : "solve");
  const least = critics ? SHORTEST_CRITIQUE : shortest(desk.settings);
  // Critics leave a share for the revision that answers them.
  const besides = critics ? 1 : 0;
  const { tokens } = shared(desk.left(), next.who.length + besides);
  const prices = await Promise.all(
    next.who.map((name) => {
      const { messages } = speech(state, desk.settings, line.model, name, next.situation, best, tokens);
      return reservation(line, messages, least);
    }),
  );
  const dearest: Money = {
    tokens: Math.max(...prices.map(({ tokens }) => tokens)),
    usd: Math.max(...prices.map(({ usd }) => usd)),
  };
  for (let n = next.who.length; n > 0; n--) {
    const share = shared(desk.left(), n + besides);
    if (share.tokens < dearest.tokens || share.usd < dearest.usd) continue;
    return {
      who: next.who.slice(0, n),
      share: { ...share, usd: Number.isFinite(share.usd) ? share.usd : null },
    };
  }
  return null;
}
