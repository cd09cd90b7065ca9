import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { z } from "zod";
import { AppendLog } from "../files/append-log.ts";
import { DamagedFile } from "../files/file-errors.ts";
import { Call, charge } from "./call.ts";
import type { ModelRequest } from "./call-context.ts";
import { RecordedCall } from "./cassette.ts";
import type { Money } from "./money.ts";

const SavedReply = z.object({ key: z.string(), reply: RecordedCall.shape.reply, ms: z.number() });
type KeptReply = z.infer<typeof SavedReply>;

/** A call as it was sent or as it ended, with the reply that was paid; or what has become of a run. */
const Line = z.union([
  z.object({ run: z.string(), call: Call, kept: SavedReply.optional() }),
  /** `told`: what its tries paid so far stands elsewhere. `done`: all of it does, and nothing of it is needed any more. */
  z.object({ run: z.string(), is: z.enum(["told", "done"]) }),
]);
type Line = z.infer<typeof Line>;

/** From this size on, in bytes, lines of runs that are done are taken out of the file. */
const COMPACTED_FROM = 16_000_000;

/**
 * The calls of many runs and the replies that were paid for, in one file as they arrive, until each run has ended: so a
 * process that is killed has lost no more than what was in flight, and the next one plays the replies back. One writer.
 * Throws DamagedFile when it is read; from the first write that fails on nothing is written, and that one throws WriteFailed.
 */
export class SavedReplies {
  private readonly log: AppendLog;
  private readonly runs = new Map<string, SavedRunReplies>();
  private compactedFrom = COMPACTED_FROM;
  private failed = false;

  constructor(
    private readonly file: string,
    /** Is told the first write that fails, before it is thrown. */
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {
    this.log = new AppendLog(file, "replies");
    for (const line of this.lines()) {
      if ("call" in line) this.run(line.run).take(line.call, line.kept);
      else if (line.is === "told") this.run(line.run).forgetCalls();
      else this.runs.delete(line.run);
    }
  }

  private lines(): Line[] {
    return this.log.read().map((line, index) => {
      const parsed = Line.safeParse(line);
      if (parsed.success) return parsed.data;
      throw new DamagedFile(
        this.file,
        `has a line that cannot be read (line ${index + 2})`,
        "take that line out, and its reply is paid again",
      );
    });
  }

  /** Runs that have not ended, with the calls of earlier tries that stand nowhere else. */
  unfinished(): { run: string; calls: Call[] }[] {
    return [...this.runs].map(([run, { unaccounted }]) => ({ run, calls: [...unaccounted.values()] }));
  }

  run(name: string): SavedRunReplies {
    const known = this.runs.get(name) ?? new SavedRunReplies((line) => this.write({ run: name, ...line }));
    this.runs.set(name, known);
    return known;
  }

  /** What the run's tries have paid stands elsewhere now; its replies are kept on. */
  accounted(run: string): void {
    if (this.runs.get(run)?.unaccounted.size) this.write({ run, is: "told" });
    this.runs.get(run)?.forgetCalls();
  }

  /** The run has ended, and stands elsewhere. */
  done(run: string): void {
    this.runs.delete(run);
    this.write({ run, is: "done" });
    if (this.log.bytes > this.compactedFrom) this.compact();
  }

  /** Leaves what runs that have not ended will need; no file where there is none. */
  close(): void {
    if (this.failed) return;
    if (this.neededLines().length === 0) rmSync(this.file, { force: true });
    else this.compact();
  }

  private compact(): void {
    this.writing(() => this.log.replace(this.neededLines()));
    this.compactedFrom = Math.max(COMPACTED_FROM, 2 * this.log.bytes);
  }

  private neededLines(): Line[] {
    return this.lines().filter(({ run }) => this.runs.has(run));
  }

  private write(line: Line): void {
    this.writing(() => this.log.append(line));
  }

  private writing(work: () => void): void {
    if (this.failed) return;
    try {
      work();
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
      throw error;
    }
  }
}

const active = new AsyncLocalStorage<SavedRunReplies>();

/** What is kept of one run: the replies that an earlier try was paid, to be played back, each once. */
export class SavedRunReplies {
  private readonly replies = new Map<string, KeptReply[]>();
  /** Calls that are in nobody's account yet, by id. */
  readonly unaccounted = new Map<string, Call>();
  private branch: { replies: Map<string, KeptReply[]>; node: string } | null = null;
  private readonly arrived = new Map<string, KeptReply>();
  /** What the replies that can be played back have cost. */
  readonly paid: Money = { tokens: 0, usd: 0 };

  constructor(private readonly write: (line: { call: Call; kept?: KeptReply }) => void) {}

  static current(): SavedRunReplies | undefined {
    return active.getStore();
  }

  /** Keeps and plays back the replies of everything that runs inside. */
  around<T>(run: () => Promise<T>): Promise<T> {
    return active.run(this, run);
  }

  /** As read from the file. */
  take(call: Call, kept: KeptReply | undefined): void {
    this.unaccounted.set(call.id, call);
    if (!kept) return;
    this.replies.set(kept.key, [...(this.replies.get(kept.key) ?? []), kept]);
    const { tokens, usd } = charge(call);
    this.paid.tokens += tokens;
    this.paid.usd += usd;
  }

  forgetCalls(): void {
    this.unaccounted.clear();
  }

  /**
   * Takes the replies that another run was paid until `node` asks for one, null: not even the first. What comes from then on is
   * asked afresh.
   */
  branchOff(run: SavedRunReplies, node: string | null): void {
    if (node === null) return;
    const replies = new Map([...run.replies].map(([key, kept]) => [key, [...kept]]));
    this.branch = { replies, node };
  }

  /** A reply to this request of a node that was paid before. */
  replay(key: string, node: string): KeptReply | undefined {
    const own = this.replies.get(key)?.shift();
    if (node === this.branch?.node) this.branch = null;
    return own ?? this.branch?.replies.get(key)?.shift();
  }

  /** To be told before a call is sent. Throws WriteFailed. */
  sent(call: Call): void {
    this.unaccounted.set(call.id, call);
    this.write({ call });
  }

  /** The reply to a call; it is written when it is known what it cost. */
  replied(call: Call, kept: KeptReply): void {
    this.arrived.set(call.id, kept);
  }

  /** To be told of every call that has ended. Throws WriteFailed. */
  ended(call: Call): void {
    if (!this.unaccounted.has(call.id)) return; // played back, or never sent
    const kept = this.arrived.get(call.id);
    this.arrived.delete(call.id);
    this.unaccounted.set(call.id, call);
    this.write({ call, ...(kept && { kept }) });
  }
}

/**
 * What tells requests of one run apart. How a reply was asked for beside that (its form, its length) is left out: what was
 * learnt of an endpoint changes it, and the process that learnt it was killed.
 */
export const keyOfRequest = (
  model: string,
  { messages, prefill = "", options, outputSchema }: ModelRequest,
): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        model,
        messages.map((message) => [message.getType(), message.text]),
        prefill,
        options.sampleIndex ?? 0,
        outputSchema?.name ?? "",
      ]),
    )
    .digest("hex")
    .slice(0, 24);
