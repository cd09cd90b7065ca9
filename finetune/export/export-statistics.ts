import type { Message, Role } from "../../datasets/curate/row.ts";
import type { Count } from "./counter.ts";
import type { Lengths, Manifest, RoleCounts } from "./manifest.ts";
import type { RejectionReason, SampleCandidate } from "./sample-candidate.ts";
import { parseReply } from "./thinking.ts";

type Split = "train" | "validation";

const none = (): RoleCounts => ({ train: 0, validation: 0, rejected: 0, tokens: 0, targetTokens: 0 });

const thinks = ({ role, content }: Message) => role === "assistant" && parseReply(content).thinking !== null;

/** Counts while an export is written: by role, by reason, and the lengths of samples. */
export class ExportStatistics {
  readonly byRole: Partial<Record<Role, RoleCounts>> = {};
  readonly rejects: Partial<Record<RejectionReason, number>> = {};
  /** Tokens of each sample, and of those that are over the cutoff. */
  readonly lengths: Record<Split, number[]> = { train: [], validation: [] };
  readonly tooLong: number[] = [];
  private readonly targets: number[] = [];
  /** Samples whose replies think, and what became of that. */
  readonly thoughts = { kept: 0, dropped: 0 };

  sample(
    { role, messages }: SampleCandidate,
    split: Split,
    { tokens, target }: Count,
    reasoning: "keep" | "drop",
  ): void {
    const counts = this.of(role);
    counts[split]++;
    this.lengths[split].push(tokens);
    if (messages.some(thinks)) this.thoughts[reasoning === "keep" ? "kept" : "dropped"]++;
    if (split === "validation") return;
    counts.tokens += tokens;
    counts.targetTokens += target;
    this.targets.push(target);
  }

  /** `tokens` counts for those that are too long. */
  reject(role: Role, reason: RejectionReason, tokens: number): void {
    this.of(role).rejected++;
    this.rejects[reason] = (this.rejects[reason] ?? 0) + 1;
    if (reason === "too long") this.tooLong.push(tokens);
  }

  get samples(): Manifest["samples"] {
    const rejected = Object.values(this.rejects).reduce((sum, count) => sum + count, 0);
    return { train: this.lengths.train.length, validation: this.lengths.validation.length, rejected };
  }

  summary(): Pick<Manifest, "samples" | "byRole" | "rejects" | "lengths"> {
    return {
      samples: this.samples,
      byRole: this.byRole,
      rejects: this.rejects as Record<string, number>,
      lengths: { train: lengthsOf(this.lengths.train), target: lengthsOf(this.targets) },
    };
  }

  private of(role: Role): RoleCounts {
    const counts = this.byRole[role] ?? none();
    this.byRole[role] = counts;
    return counts;
  }
}

function lengthsOf(counts: readonly number[]): Lengths {
  const sorted = [...counts].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { total: sorted.reduce((sum, count) => sum + count, 0), median: at(0.5), p95: at(0.95), max: at(1) };
}
