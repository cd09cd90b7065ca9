/** A model could not be reached or would not serve us; the message is one sentence that says what to do. */
export class EndpointError extends Error {
  override name = "EndpointError";
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** A structured reply that did not fit its schema, after one repair. What was said and thought is kept. */
export class UnparsableReply extends Error {
  override name = "Unparsable";
  constructor(
    message: string,
    readonly text: string,
    readonly reasoning = "",
  ) {
    super(message);
  }
}

export class OutOfBudget extends Error {
  override name = "OutOfBudget";
  constructor(
    readonly account: "tokens" | "usd" | "seconds",
    message: string,
  ) {
    super(message);
  }
}

/** The budget of a run cannot hold even one short solve. */
export class BudgetTooSmall extends Error {
  override name = "BudgetTooSmall";
}

/** A prompt that leaves no room for a reply in the model's context. */
export class ContextOverflow extends Error {
  override name = "ContextOverflow";
}
