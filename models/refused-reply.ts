import { EndpointError } from "./errors.ts";

/** The model, or a filter behind it, would not reply. The call is paid; to ask the same again cannot help. */
export class RefusedReply extends EndpointError {
  override name = "RefusedReply";
}
