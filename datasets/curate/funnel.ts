import { wilson } from "../../evals/stats/wilson.ts";
import type { StepCount } from "./manifest.ts";
import { type FilterStep, filterSteps, type Rejection } from "./rejection.ts";
import { shareText } from "./share.ts";

/** Counts what each filter let through. */
export class Funnel {
  read = 0;
  private readonly counts = new Map<FilterStep, Map<string, number>>();

  reject({ step, reason }: Rejection): void {
    const reasons = this.counts.get(step) ?? new Map<string, number>();
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    this.counts.set(step, reasons);
  }

  get rejected(): number {
    return [...this.counts.values()].reduce((sum, reasons) => sum + total(reasons), 0);
  }

  /** The filters in their order, each with the share of what it got that it let through. */
  steps(): StepCount[] {
    let left = this.read;
    return filterSteps.map((step) => {
      const reasons = this.counts.get(step) ?? new Map<string, number>();
      const into = left;
      left -= total(reasons);
      return {
        step,
        in: into,
        out: left,
        share: into > 0 ? wilson(left, into) : null,
        reasons: Object.fromEntries([...reasons].sort(([a], [b]) => (a < b ? -1 : 1))),
      };
    });
  }
}

const total = (reasons: ReadonlyMap<string, number>): number =>
  [...reasons.values()].reduce((sum, count) => sum + count, 0);

/** The funnel as lines of text: what each filter got, let through and rejected for what. */
export function funnelText(funnel: readonly StepCount[], read: number, kept: number): string {
  const width = 24;
  const bar = (n: number) => "█".repeat(read > 0 ? Math.round((width * n) / read) : 0).padEnd(width);
  const digits = String(read).length;
  const line = (name: string, n: number, rest: string) =>
    `${name.padEnd(14)} ${bar(n)} ${String(n).padStart(digits)}${rest && `  ${rest}`}`;
  const lines = [
    line("read", read, ""),
    ...funnel.map(({ step, out, reasons }) =>
      line(
        step,
        out,
        Object.entries(reasons)
          .map(([reason, n]) => `-${n} ${reason}`)
          .join(", "),
      ),
    ),
  ];
  const share = read > 0 ? wilson(kept, read) : null;
  return `${lines.join("\n").replace(/ +$/gm, "")}\nkept ${kept} of ${read}${share ? `, ${shareText(share)}` : ""}`;
}

/** The filter that took the most of what it got, where the yield is under 5 %. */
export function largestLoss(funnel: readonly StepCount[], read: number, kept: number): StepCount | null {
  if (read === 0 || kept / read >= 0.05) return null;
  const lost = ({ in: into, out }: StepCount) => into - out;
  return [...funnel].sort((a, b) => lost(b) - lost(a))[0] ?? null;
}
