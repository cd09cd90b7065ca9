import { setMaxListeners } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { type LangGraphRunnableConfig, Overwrite } from "@langchain/langgraph";
import { type Call, lostCalls } from "../models/call.ts";
import type { CallEvent } from "../models/call-context.ts";
import { Journal } from "../models/journal.ts";
import { allowance, NodeBudget } from "../models/ledger.ts";
import { type Money, noMoney } from "../models/money.ts";
import { openModel } from "../models/open.ts";
import { assertPriced } from "../models/priced.ts";
import { blankState } from "../state/blank.ts";
import { type Mode, modes } from "../state/run-info.ts";
import { type ModelNode, modelOf, modelsOf, settingsOf, temperatureOf } from "../state/settings.ts";
import { State } from "../state/state.ts";
import { resolveKind } from "../state/task.ts";
import { newRun } from "./begin.ts";
import { keepPartials, readChannels } from "./langgraph-internals.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { turnOf } from "./policy.ts";
import { answerNowPrompt } from "./prompt.ts";
import { runInfoOf, withSettings } from "./run-info.ts";

keepPartials(State);

type Payload = State | { expert: string };

/**
 * Wraps a node: it gets state, settings and access to its model, and what it spent goes into the state with what it
 * returns. An unfinished earlier try of the same step (killed, or broken off) is paid for out of the same money.
 */
export function stage(
  node: string,
  work: (state: RunningState, context: NodeContext) => Promise<NodeUpdate> | NodeUpdate,
) {
  return async (input: Payload, config: LangGraphRunnableConfig) => {
    const began = Date.now();
    const settings = settingsOf(config);
    const step = Number(config.metadata?.langgraph_step ?? 0);
    const { taskId, threadId } = config.executionInfo ?? { taskId: `${step}`, threadId: undefined };
    const expert = "expert" in input ? input.expert : null;
    if (config.signal) setMaxListeners(0, config.signal);

    const found: State = "expert" in input ? readChannels(config, Object.keys(State.shape)) : input;
    const start = newRun(found);
    // Without an executor's id it is the first graph task's, so that a first step that is run again after a crash finds its journal.
    const runId = String(config.metadata?.boardroom_run ?? taskId);
    const run = start
      ? await runInfoOf({ ...start, id: runId, thread: threadId ?? null, mode: modeOf(config) }, settings)
      : found.run && withSettings(found.run, settings);
    if (!run) throw new Error("this run has not begun: the first node of a graph must be ceo or plan");
    if (run.budget.usd !== null) await assertPriced(modelsOf(settings), "budgetUsd", "budgetTokens");
    const state: RunningState = {
      ...found,
      ...(start && blankState()),
      task: resolveKind(start?.task ?? found.task!),
      run,
    };

    const journal = Journal.of(threadId, run.id);
    const lost = lostCalls(journal.ofTask(taskId), state.spend);
    const budget: Money = {
      tokens: run.budget.tokens,
      usd: run.budget.usd ?? Number.POSITIVE_INFINITY,
    };
    const nodeBudget = new NodeBudget(allowance(budget, shareOf(state, expert), state.spend, lost), (call) =>
      journal.record(call),
    );
    const timeLeft = () =>
      run.budget.seconds === null
        ? Number.POSITIVE_INFINITY
        : run.budget.seconds * 1000 - state.elapsed - (Date.now() - began);

    const context: NodeContext = {
      settings,
      step,
      expert,
      signal: config.signal,
      budget,
      timeLeft,
      left: () => nodeBudget.left,
      callContext: async (speaking = node as ModelNode, reserved = noMoney, speaker = expert) => ({
        node: speaking,
        expert,
        step,
        task: taskId,
        thread: threadId ?? run.id,
        model: await openModel(modelOf(settings, speaking, speaker)),
        budget: nodeBudget,
        reserved,
        knownCalls: state.spend,
        temperature: temperatureOf(settings, speaking),
        seed: settings.seed,
        headers: settings.headers,
        callSeconds: settings.callSeconds,
        thinkingTokens: settings.thinkingTokens,
        budgetForcingWaits: settings.budgetForcingWaits,
        answerNowPrompt: answerNowPrompt,
        timeLeft,
        signal: config.signal,
        metadata: {
          boardroom_node: speaking,
          boardroom_turn: turnOf(state.decisions),
          ...(expert !== null && { boardroom_expert: expert, boardroom_round: state.next?.round ?? null }),
        },
        emit: (event: CallEvent) => config.writer?.(event),
      }),
      brokeBefore: journal.brokeAt(taskId),
      breakOff: () => journal.breakAt(taskId),
    };

    await start?.check(state, context);
    const update = await work(state, context);
    const calls: Call[] = [...lost, ...nodeBudget.calls];
    const elapsed = state.elapsed + (Date.now() - began);
    if (update.status) Journal.close(threadId, run.id); // the run has ended
    // Settings may have changed since the run began; parallel branches may not write the same key.
    const changed = expert === null && !isDeepStrictEqual(run, found.run);
    if (!start) return { ...update, spend: calls, elapsed, ...(changed && { run }) };
    // A new question: what the old one left in the lists is overwritten, not added to.
    const lists = { decisions: [], transcript: [], candidates: [], reviews: [], ...update };
    return {
      ...blankState(),
      ...update,
      task: start.task,
      run,
      decisions: new Overwrite(lists.decisions),
      transcript: new Overwrite(lists.transcript),
      candidates: new Overwrite(lists.candidates),
      reviews: new Overwrite(lists.reviews),
      spend: new Overwrite(calls),
      elapsed: new Overwrite(elapsed),
    };
  };
}

/** The share of a speaker; null at a lone node. */
function shareOf({ next }: RunningState, expert: string | null): Money | null {
  if (expert === null || !next) return null;
  return { tokens: next.share.tokens, usd: next.share.usd ?? Number.POSITIVE_INFINITY };
}

const modeOf = ({ metadata }: LangGraphRunnableConfig): Mode =>
  modes.find((mode) => mode === metadata?.boardroom_mode) ?? "ceo";
