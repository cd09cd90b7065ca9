import { omitPayload } from "@langchain/core/tracers/tracer_langchain";

/**
 * A node's run in a trace leaves out, on any server, the state that it was given, which the updates before it say, and the
 * chat's message, which is what an expert said.
 */
export const nodeOptions = {
  tracePolicy: {
    processInputs: omitPayload,
    processOutputs: ({ messages: _, ...update }: Record<string, unknown>) => update,
  },
};
