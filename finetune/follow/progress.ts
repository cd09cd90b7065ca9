import { type LogLine, secondsOf } from "./log-line.ts";

export interface Point {
  step: number;
  value: number;
}

/** A run as its log shows it. */
export interface Progress {
  step: number;
  total: number;
  loss: Point[];
  evalLoss: Point[];
  epoch: number | null;
  lr: number | null;
  /** Tokens per second, as the trainer says; null where it does not count them. */
  throughput: number | null;
  tokens: number | null;
  /** How often the trainer was started anew in this log. */
  restarts: number;
  /** The summary was written: training has ended by itself. */
  summed: boolean;
  /** Step and elapsed seconds of the first and the newest line of the present start. */
  pace: { first: Timed; last: Timed } | null;
}

interface Timed {
  step: number;
  seconds: number;
}

export const noProgress: Progress = {
  step: 0,
  total: 0,
  loss: [],
  evalLoss: [],
  epoch: null,
  lr: null,
  throughput: null,
  tokens: null,
  restarts: 0,
  summed: false,
  pace: null,
};

/**
 * The progress after one more line. A step or a clock that goes back is a new start of the trainer, from its last
 * checkpoint: what the log says beyond that step was not kept, and is dropped.
 */
export function nextProgress(before: Progress, line: LogLine): Progress {
  const { current_steps: step, total_steps: total } = line;
  const seconds = secondsOf(line.elapsed_time);
  const clockBack = seconds !== null && before.pace !== null && seconds < before.pace.last.seconds;
  const isRestart =
    before.total > 0 && (step < before.step || clockBack || (before.summed && step > before.step));
  const isSummary = line.loss === undefined && line.eval_loss === undefined && step >= total;
  const keep = (points: Point[]) => (isRestart ? points.filter((point) => point.step < step) : points);
  const add = (points: Point[], value: number | undefined) =>
    value === undefined
      ? keep(points)
      : [...keep(points).filter((point) => point.step !== step), { step, value }];
  const timed = seconds === null ? null : { step, seconds };
  const began = isRestart || !before.pace ? timed : before.pace.first;
  return {
    step,
    total,
    loss: add(before.loss, line.loss),
    evalLoss: add(before.evalLoss, line.eval_loss),
    epoch: line.epoch ?? before.epoch,
    lr: line.lr ?? before.lr,
    throughput: line.throughput ?? (isRestart ? null : before.throughput),
    tokens: line.total_tokens ?? before.tokens,
    restarts: before.restarts + Number(isRestart),
    summed: isSummary || (before.summed && !isRestart),
    pace: began && timed ? { first: began, last: timed } : before.pace,
  };
}

/**
 * Seconds to the end at the pace of the present start; null: not known yet. The trainer's own `remaining_time` divides
 * by all steps, and is far too short after a resume.
 */
export function secondsLeft({ pace, step, total }: Progress): number | null {
  if (step >= total) return total > 0 ? 0 : null;
  if (!pace || pace.last.step <= pace.first.step) return null;
  const perStep = (pace.last.seconds - pace.first.seconds) / (pace.last.step - pace.first.step);
  return Math.round((total - step) * perStep);
}
