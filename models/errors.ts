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
