import type { Backend, Job, JobEnd } from "./outcome.ts";

/** One way of isolating a program. */
export interface Engine {
  readonly backend: Backend;
  /** In words, how it isolates here; throws why it cannot. */
  usable(): Promise<string>;
  /** Rejects with the signal's reason when aborted, and when the isolation itself fails. */
  do(job: Job): Promise<JobEnd>;
  /** Resolves when nothing that it started is left. */
  close(): Promise<void>;
}
