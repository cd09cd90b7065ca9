import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "./api-error.ts";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Throws ApiError 401 unless the request carries this key; how long that takes tells nothing of the key. */
export function requireKey(authorization: string | undefined, key: string): void {
  const [, given = ""] = /^Bearer\s+(.*)$/i.exec(authorization ?? "") ?? [];
  if (timingSafeEqual(digest(given), digest(key))) return;
  const said = given
    ? "This API key is not the server's."
    : "There is no API key: send it as a bearer token in the Authorization header.";
  throw new ApiError(401, said, { code: "invalid_api_key", headers: { "www-authenticate": "Bearer" } });
}
