import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";

/** One of the context's parallel sequences: what it has evaluated, and what it is about to. */
export type Slot = {
  sequence: LlamaContextSequence;
  /** The prompt being evaluated or answered; null when the slot is free. */
  prompt: Token[] | null;
  /** Order of arrival: a slot waits only for slots that came before it, so no two wait for each other. */
  turn: number;
};

/** Below this many tokens, evaluating them again is as quick as copying them from another sequence. */
const WORTH_COPYING = 64;

type Waiting = { tokens: Token[]; give: (slot: Slot) => void };

/**
 * The sequences of one context, lent to one call each. A call gets the free sequence that remembers the longest
 * beginning of its prompt; where another sequence remembers more, or is just evaluating more, that part
 * is copied (40 ms for 1,500 tokens of SmolLM2, against 7 s to evaluate them on 2 cores).
 */
export class Sequences {
  private readonly slots: Slot[];
  private readonly waiting: Waiting[] = [];
  private readonly watchers = new Set<() => void>();
  private turns = 0;

  constructor(private readonly context: LlamaContext) {
    this.slots = Array.from({ length: context.totalSequences }, () => ({
      sequence: context.getSequence(),
      prompt: null,
      turn: 0,
    }));
  }

  /** Waits in order of arrival until a sequence is free; leaves the queue when the signal fires. */
  async acquire(tokens: Token[], signal?: AbortSignal): Promise<Slot> {
    const slot = this.best(tokens);
    if (slot) return this.lend(slot, tokens);
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        tokens,
        give: (given) => {
          signal?.removeEventListener("abort", leave);
          resolve(given);
        },
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.waiting.push(entry);
    });
  }

  release(slot: Slot): void {
    slot.prompt = null;
    this.progress();
    const next = this.waiting.shift();
    if (!next) return;
    const free = this.best(next.tokens) ?? slot;
    next.give(this.lend(free, next.tokens));
  }

  /** A sequence that failed in the middle of something is replaced: its memory cannot be trusted. */
  async renew(slot: Slot): Promise<void> {
    await slot.sequence.dispose();
    slot.sequence = this.context.getSequence();
  }

  /** To be called when a sequence has evaluated some more: others may wait to copy it. */
  progress(): void {
    for (const wake of this.watchers) wake();
    this.watchers.clear();
  }

  /**
   * Leaves in the slot's sequence nothing but a beginning of `tokens`, as long as can be had without
   * evaluating, and returns its length: at least one token short of the prompt, whose evaluation gives the
   * first choice of the reply.
   */
  async recall(slot: Slot, tokens: Token[], signal?: AbortSignal): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      const own = shared(slot.sequence.contextTokens, tokens);
      const donor = this.donor(slot, tokens, own + WORTH_COPYING);
      if (!donor) break;
      if (donor.ready) {
        if (!(await this.copy(donor.slot, slot))) break;
      } else {
        await new Promise<void>((resolve) => this.watchers.add(resolve));
      }
    }
    const known = shared(slot.sequence.contextTokens, tokens);
    await slot.sequence.eraseContextTokenRanges([{ start: known, end: slot.sequence.nextTokenIndex }]);
    return known;
  }

  /** The sequence that knows the longest beginning of `tokens`, or will once it has evaluated its own prompt. */
  private donor(slot: Slot, tokens: Token[], atLeast: number): { slot: Slot; ready: boolean } | null {
    let found: { slot: Slot; ready: boolean } | null = null;
    let longest = atLeast - 1;
    for (const other of this.slots) {
      if (other === slot) continue;
      const now = shared(other.sequence.contextTokens, tokens);
      const later = other.prompt && other.turn < slot.turn ? shared(other.prompt, tokens) : 0;
      if (Math.max(now, later) <= longest) continue;
      longest = Math.max(now, later);
      found = { slot: other, ready: now >= later };
    }
    return found;
  }

  /** Through a file, the only way the binding offers; in memory where the system has a memory file system. */
  private async copy(from: Slot, to: Slot): Promise<boolean> {
    const folder = mkdtempSync(join(roomy("/dev/shm") ? "/dev/shm" : tmpdir(), "boardroom-"));
    try {
      const file = join(folder, "sequence");
      await from.sequence.saveStateToFile(file);
      await to.sequence.loadStateFromFile(file, { acceptRisk: true });
      return true;
    } catch {
      await this.renew(to);
      return false;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private lend(slot: Slot, tokens: Token[]): Slot {
    slot.prompt = tokens;
    slot.turn = ++this.turns;
    return slot;
  }

  /** The free slot with most to reuse; among equals the one that was idle longest. */
  private best(tokens: Token[]): Slot | undefined {
    return this.slots
      .filter((slot) => slot.prompt === null)
      .map((slot) => ({ slot, known: shared(slot.sequence.contextTokens, tokens) }))
      .sort((a, b) => b.known - a.known || a.slot.turn - b.slot.turn)[0]?.slot;
  }
}

/** Length of the common beginning, at most all of `tokens` but the last. */
function shared(evaluated: Token[], tokens: Token[]): number {
  const end = Math.min(evaluated.length, tokens.length - 1);
  let at = 0;
  while (at < end && evaluated[at] === tokens[at]) at++;
  return at;
}

/** A container's memory file system often holds 64 MB, too little for a long state. */
function roomy(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 2 ** 30;
  } catch {
    return false;
  }
}
