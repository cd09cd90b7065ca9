import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { boardroomHome } from "../paths.ts";
import type { RedactedRequest } from "./redacting-fetch.ts";

/** A request that LangSmith did not get, in the form in which its SDK keeps them (LANGSMITH_FAILED_TRACES_DIR). */
const FailedRequest = z.object({
  version: z.literal(1),
  /** Below the address of the API, without a slash before it. */
  endpoint: z.string(),
  headers: z.record(z.string(), z.string()),
  body_base64: z.string(),
});
export type FailedRequest = z.infer<typeof FailedRequest>;

export const failedRequestsFolder = (): string => join(boardroomHome(), "traces-unsent");

/** What tells one body from another, whatever its boundary: a body that is tried again is kept once. */
export const fingerprint = ({ body, type }: Pick<RedactedRequest, "body" | "type">): string => {
  const boundary = /boundary=(\S+)/.exec(type)?.[1];
  const text = body?.toString() ?? "";
  return createHash("sha256")
    .update(boundary ? text.replaceAll(boundary, "") : text)
    .digest("hex")
    .slice(0, 16);
};

/** Keeps a request on disk, whole or not at all; the file's name sorts by age. */
export function keepFailedRequest(request: RedactedRequest, endpoint: string): string {
  const folder = failedRequestsFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `trace_${Date.now()}_${randomBytes(4).toString("hex")}.json`);
  const failed: FailedRequest = {
    version: 1,
    endpoint,
    headers: { "Content-Type": request.type },
    body_base64: request.body?.toString("base64") ?? "",
  };
  writeFileSync(`${file}.part`, JSON.stringify(failed));
  renameSync(`${file}.part`, file);
  return file;
}

/** The files of requests that were not sent, the oldest first. */
export function failedRequestFiles(): string[] {
  try {
    const names = readdirSync(failedRequestsFolder()).filter((name) => /^trace_.*\.json$/.test(name));
    return names.sort().map((name) => join(failedRequestsFolder(), name));
  } catch {
    return []; // there is no such folder yet
  }
}

/** Throws where the file is none of ours. */
export const readFailedRequest = (file: string): FailedRequest =>
  FailedRequest.parse(JSON.parse(readFileSync(file, "utf8")));

export const removeFailedRequest = (file: string): void => rmSync(file, { force: true });
