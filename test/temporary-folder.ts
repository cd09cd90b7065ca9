import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What tests and the processes that they start write beside the checkout lies in one folder, which goes when all have ended. */
export default function temporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-tests-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
