import { type Progress, secondsLeft } from "./progress.ts";

/** "45 s", "12 min", "3 h 20 min". */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const progressBar = (share: number, width = 24): string =>
  "█".repeat(Math.round(share * width)).padEnd(width, "░");

export const progressShare = ({ step, total }: Progress): number =>
  total > 0 ? Math.min(1, step / total) : 0;

/** Tokens a second where the trainer counts them, else the time of a step. */
function speed({ throughput, pace }: Progress): string[] {
  if (throughput !== null) return [`${Math.round(throughput).toLocaleString("en-US")} tokens/s`];
  if (!pace || pace.last.step <= pace.first.step) return [];
  const perStep = (pace.last.seconds - pace.first.seconds) / (pace.last.step - pace.first.step);
  return [`${perStep.toPrecision(2)} s/step`];
}

/** A run in a line. */
export function progressText(progress: Progress): string {
  const { step, total, loss, evalLoss, restarts } = progress;
  if (total === 0) return "no step yet";
  const left = secondsLeft(progress);
  return [
    `step ${step} of ${total} (${Math.floor(100 * progressShare(progress))} %)`,
    ...loss.slice(-1).map(({ value }) => `loss ${shown(value)}`),
    ...evalLoss.slice(-1).map(({ value, step: at }) => `eval loss ${shown(value)} at step ${at}`),
    ...speed(progress),
    ...(left !== null && left > 0 ? [`about ${duration(left)} left`] : []),
    ...(restarts > 0 ? [`resumed ${restarts === 1 ? "once" : `${restarts} times`}`] : []),
  ].join(" · ");
}

const shown = (value: number): string => (Number.isFinite(value) ? `${+value.toPrecision(4)}` : `${value}`);
