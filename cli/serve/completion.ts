import { errorMessage, type RunOutcome } from "../../runtime/run.ts";
import { bestCandidateOf } from "../../state/best-candidate.ts";
import { type Result, resultOf } from "../../state/result.ts";
import { ApiError, apiErrorOf, invalid } from "./api-error.ts";

/** How a run ended, in the words of a chat completion. */
export interface Completion {
  /** The reply that holds the team's answer, whole. */
  content: string;
  /** `length`: money, time or an endpoint ended the run before the team did. */
  finishReason: "stop" | "length";
  usage: ReturnType<typeof usageOf>;
  /** What OpenAI has no field for. */
  boardroom: {
    run: string;
    status: Result["status"];
    answer: string | null;
    calls: number;
    usd: number;
    /** Of calls that were broken off, at their reservation; not part of `usage`. */
    unknown_tokens: number;
    /** Where the budget could not hold: by how much, and what the server did. */
    over_budget?: string;
    error?: string;
  };
}

/** The completion that a run's end makes; throws ApiError where it broke off, or was refused, without any answer. */
export function completionOf({ state, error }: RunOutcome, stop: readonly string[]): Completion {
  const result = resultOf(state, error === undefined ? undefined : errorMessage(error));
  const { answer, status, usage, threadId } = result;
  if (answer === null && error !== undefined) throw apiErrorOf(error);
  if (answer === null && result.error !== undefined)
    throw new ApiError(502, result.error, {
      code: "endpoint_failed",
      headers: { "x-should-retry": "false" },
    });
  const tooLong = state.transcript.findLast(({ abstained }) => abstained === "context");
  if (answer === null && tooLong)
    throw invalid("messages", tooLong.error ?? "This is too long for the model.", "context_length_exceeded");
  const cut = status === "budget" || result.error !== undefined || (answer === null && state.halted !== null);
  return {
    content: before(stop, state.messages.at(-1)?.text ?? bestCandidateOf(state)?.candidate.text ?? ""),
    finishReason: cut ? "length" : "stop",
    usage: usageOf(usage),
    boardroom: {
      ...{ run: threadId, status, answer, calls: usage.calls, usd: usage.usd },
      unknown_tokens: usage.unknownTokens,
      ...(result.overBudget !== undefined && { over_budget: result.overBudget }),
      ...(result.error !== undefined && { error: result.error }),
    },
  };
}

/** The whole team's, as OpenAI counts. */
const usageOf = (usage: Result["usage"]) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
});

/** A text up to the first of these that it holds. */
function before(stop: readonly string[], text: string): string {
  const found = stop.map((one) => text.indexOf(one)).filter((at) => at >= 0);
  return found.length > 0 ? text.slice(0, Math.min(...found)) : text;
}
