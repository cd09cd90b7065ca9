/** A request that the local store turns down: the HTTP status and one sentence for whoever asked. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: 400 | 403 | 404 | 409 | 413 | 422 | 501;

  constructor(status: Refusal["status"], sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** For what LangSmith can do and this store cannot; `request` is named in the answer. */
export const notBuilt = (request: string): Refusal =>
  new Refusal(501, `This is Boardroom's local store, not LangSmith: it does not know ${request}.`);
