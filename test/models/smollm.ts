import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureWeights } from "../../models/weights.ts";

export const SMOLLM = "smollm2-135m-instruct";

/** The real SmolLM2 weights, fetched once for all tests of this machine, also when they run at the same time. */
export async function smollm(): Promise<string> {
  const own = process.env.BOARDROOM_HOME;
  process.env.BOARDROOM_HOME = join(tmpdir(), "boardroom-test-weights");
  try {
    return await ensureWeights(SMOLLM);
  } finally {
    process.env.BOARDROOM_HOME = own;
  }
}
