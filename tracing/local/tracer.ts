import { CallbackManager } from "@langchain/core/callbacks/manager";
import type { AIMessage } from "@langchain/core/messages";
import { BaseTracer, type Run } from "@langchain/core/tracers/base";
import type { TracePolicy } from "@langchain/core/tracers/tracer_langchain";
import type { RunTree } from "langsmith/run_trees";
import { withoutRepeats } from "../client-options.ts";
import type { RunPayload } from "./ingest.ts";
import type { RunWriter } from "./run-writer.ts";

/** What the runs of a tracer have in common. */
interface Common {
  session_name: string;
  reference_example_id?: string | undefined;
}

/** Under which a run's `extra` has the policy of its node (@langchain/core 1.4; test/tracing/four-ways.test.ts fails when it changes). */
const TRACE_POLICY = Symbol.for("langchain.trace_policy");

/**
 * LangChain's tracer over the local store: leaves the runs that LangChainTracer with a client of the store leaves, at a
 * third of the processor time, since no RunTree, no request and no queue stand between.
 */
export class StoreTracer extends BaseTracer {
  name = "boardroom_store_tracer";

  constructor(
    private readonly writer: RunWriter,
    private readonly common: Common,
  ) {
    super({ _awaitHandler: true }); // ends are timed when they come
  }

  /** Callbacks for what runs below a run that langsmith's SDK traces: an experiment's. */
  below(parent: RunTree): CallbackManager {
    const { id, name, trace_id, dotted_order, project_name = this.common.session_name } = parent;
    const tracer = new StoreTracer(this.writer, {
      session_name: project_name,
      reference_example_id: parent.reference_example_id,
    });
    tracer.runMap.set(id, {
      ...{ id, name, trace_id, dotted_order, run_type: "chain", inputs: {}, start_time: 0, events: [] },
      ...{ execution_order: 1, child_execution_order: 1, child_runs: [] },
    });
    const manager = new CallbackManager(id);
    manager.addHandler(tracer);
    return manager;
  }

  override onRunCreate(run: Run): void {
    this.writer.begin(run.id, () => this.sent(run));
  }

  override onRunUpdate(run: Run): void {
    this.writer.end(this.sent(run));
  }

  override onLLMEnd(run: Run): void {
    const message: AIMessage | undefined = run.outputs?.generations?.[0]?.[0]?.message;
    const metadata = message?.usage_metadata && { usage_metadata: message.usage_metadata };
    run.extra = { ...run.extra, metadata: { ...run.extra?.metadata, ...metadata } };
  }

  protected async persistRun(): Promise<void> {} // each run is written by itself

  /** None is sent with its parent. */
  protected override _addChildRun(): void {}

  private sent(run: Run): RunPayload {
    const { id, name, run_type, end_time, trace_id, parent_run_id, dotted_order, tags, error, events } = run;
    const policy = run.extra?.[TRACE_POLICY as never] as TracePolicy | undefined;
    const inputs = policy?.processInputs?.(run.inputs) ?? run.inputs;
    const outputs = run.outputs && withoutRepeats(policy?.processOutputs?.(run.outputs) ?? run.outputs);
    return {
      ...{ id, name, run_type, end_time, trace_id, parent_run_id, dotted_order, tags, error, events },
      ...this.common,
      start_time: run._serialized_start_time ?? run.start_time,
      extra: { ...run.extra, metadata: { ...run.extra?.invocation_params, ...run.extra?.metadata } },
      inputs,
      outputs,
    };
  }
}
