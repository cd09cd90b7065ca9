import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import type { Client } from "langsmith";

/** Callbacks that trace graphs to a project. */
export function tracerCallbacks(client: Client, projectName: string): BaseCallbackHandler[] {
  const tracer = new LangChainTracer({ client, projectName });
  return [tracer, new ChildRunsForgotten(tracer)];
}

/**
 * LangChain's tracer copies a run with all runs below it whenever another one begins there, though no child is sent with its
 * parent (@langchain/core 1.4): the work would grow with the square of a discussion's length.
 */
class ChildRunsForgotten extends BaseCallbackHandler {
  name = "child_runs_forgotten";

  constructor(private readonly tracer: LangChainTracer) {
    super();
  }

  override handleChainStart(_chain: unknown, _inputs: unknown, _runId: string, parentRunId?: string): void {
    const parent = parentRunId === undefined ? undefined : this.tracer.getRun(parentRunId);
    if (parent) parent.child_runs.length = 0;
  }
}
