import { CassetteMiss } from "../models/cassette.ts";
import { ContextOverflow, EndpointError, OutOfBudget, UnparsableReply } from "../models/errors.ts";
import type { Abstention, Utterance } from "../state/discussion.ts";
import type { NodeContext, RunningState } from "./node-context.ts";

/** An utterance of the expert whose turn it is, still empty. */
export function newUtterance(state: RunningState, context: NodeContext, kind: Utterance["kind"]): Utterance {
  const { turn, round, speakers } = state.next!;
  const expert = context.expert ?? speakers[0]!;
  return {
    id: `${context.step}-${expert}`,
    turn,
    round,
    step: context.step,
    kind,
    expert,
    text: "",
    reasoning: "",
    answer: null,
    agree: null,
    abstained: null,
    error: null,
  };
}

/** One expert's failure never loses the others' work: it is recorded as an abstention. Other errors are thrown on. */
export function abstentionFrom(error: unknown): Pick<Utterance, "error"> & Partial<Utterance> {
  const because = (abstained: Abstention) => ({ abstained, error: (error as Error).message });
  if (error instanceof OutOfBudget) return because(error.account);
  if (error instanceof ContextOverflow) return because("context");
  if (error instanceof UnparsableReply) return { ...because("unparsable"), reasoning: error.reasoning };
  if (error instanceof EndpointError && !(error instanceof CassetteMiss)) return because("endpoint");
  throw error;
}
