import { omitPayload } from "@langchain/core/tracers/tracer_langchain";

/** A node's run in a trace leaves out the state that it was given, on any server: the updates before it say the same. */
export const nodeOptions = { tracePolicy: { processInputs: omitPayload } };
