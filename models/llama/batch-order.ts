import type { BatchItem, EvaluationPriority, PrioritizedBatchItem } from "node-llama-cpp";

/** A sequence's place in the context, from 1; it stands in for a priority, the one thing that a batch knows of a sequence. */
export type BatchPlace = EvaluationPriority;
export const MAX_SEQUENCES = 5;

/** The place of the sequence that a context gave out as this one, counted from 0. */
export const batchPlace = (index: number): BatchPlace => (index + 1) as BatchPlace;

/**
 * Fills a batch of `size` tokens with all sequences that wait, in the context's order, each with an equal part of what is left.
 * llama.cpp sorts the logits of a batch in another order when they are read, and node-llama-cpp reads them on several threads
 * at once: then tokens of one reply stood in another. In the context's order there is nothing to sort.
 */
export function inContextOrder({
  items,
  size,
}: {
  items: readonly BatchItem[];
  size: number;
}): PrioritizedBatchItem[] {
  let left = size;
  return [...items]
    .sort((a, b) => a.evaluationPriority - b.evaluationPriority)
    .slice(0, size)
    .map((item, at, all) => {
      const processAmount = Math.min(item.tokens.length, Math.floor(left / (all.length - at)));
      left -= processAmount;
      return { item, processAmount };
    });
}
