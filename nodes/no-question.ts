/** A request that is not a question, or a thread without one. */
export class NoQuestion extends Error {
  override name = "NoQuestion";
}
