import { createReadStream, existsSync, statSync } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

const POLL_MS = 300;

/** Prints a file that may still grow, until `until` holds (asked before each look, so that nothing is missed) or the signal comes. */
export async function printLog(
  file: string,
  out: Writable,
  { until, signal }: { until: () => boolean | Promise<boolean>; signal?: AbortSignal | undefined },
): Promise<void> {
  let at = 0;
  for (;;) {
    const last = await until();
    if (existsSync(file)) {
      const size = statSync(file).size;
      if (size < at) at = 0; // it was replaced
      if (size > at) {
        const part = createReadStream(file, { start: at, end: size - 1 });
        part.pipe(out, { end: false });
        await finished(part);
        at = size;
      }
    }
    if (last || signal?.aborted) return;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
