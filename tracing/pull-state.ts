import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { boardroomHome } from "../paths.ts";
import type { SeenRun } from "./seen-runs.ts";

const State = z.object({
  /** Up to here all is pulled, but for traces that were not whole. */
  done: z.string().nullable(),
  /** A pull that has begun and not ended: what it asks for stays as it was when it began. */
  window: z
    .object({ query: z.string(), since: z.string(), until: z.string(), cursor: z.string().nullable() })
    .nullable(),
  /** Traces that were not whole, and when that was first seen. */
  incomplete: z.record(z.string(), z.string()),
  /** Up to here feedback was looked for. */
  feedback: z.string().nullable(),
});
type Saved = z.infer<typeof State>;

/**
 * Where a pull stands, in `$BOARDROOM_HOME/traces-pulled/`: a state that is replaced by a rename, and for the open window
 * a line for each run that was written to the store.
 */
export class PullState {
  readonly saved: Saved;
  private readonly file: string;
  private readonly log: string;

  constructor(host: string, project: string) {
    const folder = join(boardroomHome(), "traces-pulled");
    mkdirSync(folder, { recursive: true });
    const name = `${project.replace(/\W+/g, "-").slice(0, 60)}-${hash(`${host} ${project}`)}`;
    this.file = join(folder, `${name}.json`);
    this.log = join(folder, `${name}.jsonl`);
    this.saved = existsSync(this.file)
      ? State.parse(JSON.parse(readFileSync(this.file, "utf8")))
      : { done: null, window: null, incomplete: {}, feedback: null };
  }

  save(change: Partial<Saved>): void {
    Object.assign(this.saved, change);
    writeFileSync(`${this.file}.part`, JSON.stringify(this.saved, null, 2), { flush: true });
    renameSync(`${this.file}.part`, this.file);
  }

  addSeenRuns(seenRuns: SeenRun[]): void {
    if (seenRuns.length > 0)
      appendFileSync(this.log, seenRuns.map((one) => `${JSON.stringify(one)}\n`).join(""), { flush: true });
  }

  /** All runs of the open window so far; a line that a kill cut is read again with its page. */
  *seenRuns(): Generator<SeenRun> {
    if (!existsSync(this.log)) return;
    for (const line of readFileSync(this.log, "utf8").split("\n"))
      if (line.endsWith("}")) yield JSON.parse(line);
  }

  forgetSeenRuns(): void {
    rmSync(this.log, { force: true });
  }
}

export const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
