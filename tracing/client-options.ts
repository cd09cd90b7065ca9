import type { ClientConfig } from "langsmith";
import { redactJson } from "../secrets.ts";

/**
 * For a LangSmith client that traces runs of graphs. A run's outputs are written without what a trace says elsewhere too: a
 * graph's last state, which the updates of its nodes make up, and a reply beside the message that holds it.
 */
export const tracingOptions = {
  omitTracedRuntimeInfo: true,
  hideOutputs: withoutRepeats,
} satisfies ClientConfig;

/**
 * The same for a client of your own: keys are taken out of inputs, outputs, errors and metadata too, which the clients of
 * `openTracing` leave to the door that all their requests go through.
 */
export const clientOptions = {
  ...tracingOptions,
  anonymizer: redactJson,
  hideOutputs: (outputs: Outputs) => redactJson(withoutRepeats(outputs)),
} satisfies ClientConfig;

type Outputs = Record<string, unknown>;

export function withoutRepeats(outputs: Outputs): Outputs {
  const { generations, run, transcript, answer, status, messages, pause } = outputs;
  if (Array.isArray(generations)) return { ...outputs, generations: generations.map(withoutTexts) };
  // A node never writes all three.
  if (run && transcript && messages) return { answer, status, ...(pause != null && { pause }) };
  return outputs;
}

const withoutTexts = (batch: unknown): unknown =>
  Array.isArray(batch)
    ? batch.map(({ text, ...generation }) =>
        generation.message?.content === text ? generation : { text, ...generation },
      )
    : batch;
