import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { type BatchPlace, batchPlace } from "./batch-order.ts";

/** One of the context's parallel sequences. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Where it stands in a batch. */
  readonly place: BatchPlace;
  /** The prompt being evaluated or answered; null when the slot is free. */
  prompt: Token[] | null;
  /** Order of arrival: a slot waits only for slots that came before it, so no two wait for each other. */
  turn: number;
}

interface Waiting {
  prompt: Token[];
  give(slot: Slot): void;
}

/** Fewer tokens than this are as quickly evaluated as copied from another sequence. */
const WORTH_COPYING = 64;

/**
 * The sequences of one context, lent to one call each. A call gets the free sequence that remembers the longest
 * beginning of its prompt; where another one remembers more, or is just evaluating more, that part is copied.
 */
export class Sequences {
  private readonly slots: Slot[];
  private readonly waiting: Waiting[] = [];
  private readonly watchers = new Set<() => void>();
  private turns = 0;

  constructor(context: LlamaContext) {
    this.slots = Array.from({ length: context.totalSequences }, (_, index) => ({
      sequence: context.getSequence(),
      place: batchPlace(index),
      prompt: null,
      turn: 0,
    }));
  }

  /** Waits in order of arrival until a sequence is free. Rejects with the signal's reason when that fires. */
  async acquire(prompt: Token[], signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted();
    const free = this.best(prompt);
    if (free) return this.lend(free, prompt);
    return new Promise((resolve, reject) => {
      const give = (slot: Slot) => {
        signal?.removeEventListener("abort", leave);
        resolve(slot);
      };
      const entry = { prompt, give };
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
    if (next) next.give(this.lend(this.best(next.prompt) ?? slot, next.prompt));
  }

  /** To be called when a sequence has evaluated some more: others may wait to copy it. */
  progress(): void {
    for (const wake of this.watchers) wake();
    this.watchers.clear();
  }

  /**
   * Leaves in the slot's sequence nothing but a beginning of `prompt`, as long as can be had without evaluating, and
   * returns its length in tokens: never the whole prompt, whose last token gives the first choice of the reply.
   */
  async recall(slot: Slot, prompt: Token[], signal?: AbortSignal): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      const donor = this.donor(slot, prompt, common(slot.sequence.contextTokens, prompt) + WORTH_COPYING);
      if (!donor) break;
      if (!donor.ready) await new Promise<void>((resolve) => this.watchers.add(resolve));
      else if (!(await copy(donor.slot, slot))) break;
    }
    const known = common(slot.sequence.contextTokens, prompt);
    await slot.sequence.eraseContextTokenRanges([{ start: known, end: slot.sequence.nextTokenIndex }]);
    return known;
  }

  /** The sequence that knows the longest beginning of `prompt`, or will once its own prompt is evaluated. */
  private donor(slot: Slot, prompt: Token[], atLeast: number): { slot: Slot; ready: boolean } | null {
    let found: { slot: Slot; ready: boolean } | null = null;
    let longest = atLeast - 1;
    for (const other of this.slots) {
      if (other === slot) continue;
      const now = common(other.sequence.contextTokens, prompt);
      const soon = other.prompt && other.turn < slot.turn ? common(other.prompt, prompt) : 0;
      if (Math.max(now, soon) <= longest) continue;
      longest = Math.max(now, soon);
      found = { slot: other, ready: now >= soon };
    }
    return found;
  }

  private lend(slot: Slot, prompt: Token[]): Slot {
    slot.prompt = prompt;
    slot.turn = ++this.turns;
    return slot;
  }

  /** The free slot with most to reuse; among equals the one that was idle longest. */
  private best(prompt: Token[]): Slot | undefined {
    return this.slots
      .filter((slot) => slot.prompt === null)
      .map((slot) => ({ slot, known: common(slot.sequence.contextTokens, prompt) }))
      .sort((a, b) => b.known - a.known || a.slot.turn - b.slot.turn)[0]?.slot;
  }
}

/** Through a file, the only way that node-llama-cpp offers; false where that fails (a full disk). */
async function copy(from: Slot, to: Slot): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "boardroom-llama-")).catch(() => null);
  if (!folder) return false;
  try {
    const file = join(folder, "sequence");
    await from.sequence.saveStateToFile(file);
    await to.sequence.loadStateFromFile(file, { acceptRisk: true });
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Length of the common beginning, at most all of `prompt` but its last token. */
function common(evaluated: Token[], prompt: Token[]): number {
  const end = Math.min(evaluated.length, prompt.length - 1);
  let at = 0;
  while (at < end && evaluated[at] === prompt[at]) at++;
  return at;
}
