import { setMaxListeners } from "node:events";
import type { BaseMessage } from "@langchain/core/messages";
import { type LangGraphRunnableConfig, Overwrite } from "@langchain/langgraph";
import type { CallContext, CallEvent } from "../models/call-context.ts";
import { Journal } from "../models/journal.ts";
import { allowance, type Call, lostCalls, type Money, NodeBudget, noMoney } from "../models/ledger.ts";
import { openModel } from "../models/open.ts";
import { type ModelNode, modelOf, type Settings, settingsOf, temperatureOf } from "../state/settings.ts";
import { type Candidate, type ResolvedTask, type RunInfo, resolveKind, State } from "../state/state.ts";
import { newRun } from "./begin.ts";
import { turnOf } from "./policy.ts";
import { answerNowPrompt } from "./prompt.ts";

/** The state of a run that has begun. */
export type RunningState = Omit<State, "task" | "run"> & { task: ResolvedTask; run: RunInfo };

/** What a node may write. */
export type NodeUpdate = Partial<Omit<State, "candidates" | "messages" | "spend">> & {
  candidates?: (Partial<Candidate> & { id: string })[];
  messages?: BaseMessage[];
};

/** What a node is given besides the state. */
export interface NodeContext {
  settings: Settings;
  step: number;
  /** The speaker of this branch of a fan-out; null at a lone node. */
  expert: string | null;
  signal: AbortSignal | undefined;
  /** What this node may use: what is left of the budget, or a speaker's share. */
  left(): Money;
  budget: Money;
  /** Milliseconds until the deadline; Infinity without one. */
  timeLeft(): number;
  /** How to call the model of a node; `reserved` is money that it must leave untouched. */
  callContext(node?: ModelNode, reserved?: Money): Promise<CallContext>;
  /** True where this very step broke the run off before and is now tried again. */
  brokeBefore: boolean;
  breakOff(): void;
}

type Payload = State | { expert: string };

/** Send hands a node its payload alone; the rest of the state is read from the step's channels. */
function stateOf(input: Payload, config: LangGraphRunnableConfig): State {
  if (!("expert" in input)) return input;
  const read = config.configurable?.__pregel_read as ((keys: string[]) => State) | undefined;
  if (!read)
    throw new Error(
      "LangGraph no longer offers __pregel_read: send the whole state instead (graphs/routes.ts)",
    );
  return read(Object.keys(State.shape));
}

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

    const found = stateOf(input, config);
    // The id is the first graph task's, so that a first step that is run again after a crash finds its journal.
    const start = newRun(found, String(config.metadata?.boardroom_run ?? taskId));
    const run = start ? await opened(start.run, settings) : found.run;
    if (!run) throw new Error("this run has not begun: the first node of a graph must be ceo or plan");
    const state: RunningState = {
      ...found,
      ...start?.blank,
      task: resolveKind(start?.task ?? found.task!),
      run,
    };

    const journal = Journal.of(threadId, run.id);
    const lost = lostCalls(journal.ofTask(taskId), state.spend);
    const budget: Money = {
      tokens: settings.budgetTokens ?? run.defaultTokens,
      usd: settings.budgetUsd ?? Number.POSITIVE_INFINITY,
    };
    const nodeBudget = new NodeBudget(allowance(budget, shareOf(state, expert), state.spend, lost), (call) =>
      journal.record(call),
    );
    const timeLeft = () =>
      settings.budgetSeconds === null
        ? Number.POSITIVE_INFINITY
        : settings.budgetSeconds * 1000 - state.elapsed - (Date.now() - began);

    const context: NodeContext = {
      settings,
      step,
      expert,
      signal: config.signal,
      budget,
      timeLeft,
      left: () => nodeBudget.left,
      callContext: async (speaking = node as ModelNode, reserved = noMoney) => ({
        node: speaking,
        expert,
        step,
        task: taskId,
        thread: threadId ?? run.id,
        model: await openModel(modelOf(settings, speaking)),
        budget: nodeBudget,
        reserved,
        knownCalls: state.spend,
        temperature: temperatureOf(settings, speaking),
        seed: settings.seed,
        headers: settings.headers,
        callSeconds: settings.callSeconds,
        thinkingTokens: settings.thinkingTokens,
        budgetForcingWaits: settings.waits,
        answerNowPrompt: answerNowPrompt,
        timeLeft,
        signal: config.signal,
        metadata: {
          boardroom_node: speaking,
          boardroom_expert: expert,
          boardroom_turn: turnOf(state.decisions),
          boardroom_round: expert === null ? null : (state.next?.round ?? null),
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
    if (!start) return { ...update, spend: calls, elapsed };
    // A new question: what the old one left in the lists is overwritten, not added to.
    const lists = { decisions: [], transcript: [], candidates: [], ...update };
    return {
      ...start.blank,
      ...update,
      task: start.task,
      run,
      decisions: new Overwrite(lists.decisions),
      transcript: new Overwrite(lists.transcript),
      candidates: new Overwrite(lists.candidates),
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

/** The budget of a run that names none is its main model's. */
async function opened(run: RunInfo, { model }: Settings): Promise<RunInfo> {
  const { entry } = await openModel(model);
  return { ...run, defaultTokens: entry.budgetTokens };
}
