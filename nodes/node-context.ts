import type { CallContext } from "../models/call-context.ts";
import type { Money } from "../models/money.ts";
import type { StateUpdate } from "../state/fold.ts";
import type { RunInfo } from "../state/run-info.ts";
import type { ModelNode, Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import type { ResolvedTask } from "../state/task.ts";

/** The state of a run that has begun. */
export type RunningState = Omit<State, "task" | "run"> & { task: ResolvedTask; run: RunInfo };

/** What a node may write. */
export type NodeUpdate = Omit<StateUpdate, "spend" | "elapsed" | "run" | "task">;

/** What a node is given besides the state. */
export interface NodeContext {
  settings: Settings;
  step: number;
  /** The speaker of this branch of a fan-out; null at a lone node. */
  expert: string | null;
  signal: AbortSignal | undefined;
  /** What this node may use: what is left of the budget, or a speaker's share. */
  left(): Money;
  /** The whole run's. */
  budget: Money;
  /** Milliseconds until the deadline; Infinity without one. */
  timeLeft(): number;
  /** How to call the model of a node, or of one who speaks there; `reserved` is money that it must leave untouched. */
  callContext(node?: ModelNode, reserved?: Money, speaker?: string | null): Promise<CallContext>;
  /** True where this very step broke the run off before and is now tried again. */
  brokeBefore: boolean;
  breakOff(): void;
}
