export type LlamaErrorCode = "missing" | "load" | "overflow" | "schema" | "template";

/** What goes wrong around the embedded model; the message is one sentence that a user can act on. */
export class LlamaError extends Error {
  override readonly name = "LlamaError";

  constructor(
    readonly code: LlamaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown when the caller's signal fired; what was already written and paid for is kept for the ledger. */
export class LlamaAborted extends Error {
  override readonly name = "AbortError";

  constructor(
    readonly text: string,
    readonly usage: { input_tokens: number; output_tokens: number; total_tokens: number },
  ) {
    super("The call to the embedded model was aborted.");
  }
}
