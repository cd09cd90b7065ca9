import { z } from "zod";

/** Tokens and dollars of one model call, in the fields of LangChain's `usage_metadata`. */
const Usage = z.object({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  total_tokens: z.number().nullish(),
  total_cost: z.number().nullish(),
});
export type Usage = z.infer<typeof Usage>;

const Carrier = z.object({ usage_metadata: Usage });
const Generations = z.object({
  generations: z.array(z.array(z.object({ message: z.object({ kwargs: Carrier }) })).min(1)).min(1),
});

/** What a run says it used: in its metadata, in its outputs, or in LangChain's first generation. */
export function usageOf(metadata: unknown, outputs: unknown): Usage | null {
  for (const place of [metadata, outputs]) {
    const found = Carrier.safeParse(place);
    if (found.success) return found.data.usage_metadata;
  }
  const generated = Generations.safeParse(outputs);
  return generated.success ? generated.data.generations[0]![0]!.message.kwargs.usage_metadata : null;
}
