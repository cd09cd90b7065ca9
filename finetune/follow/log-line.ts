import { z } from "zod";

/** Python's json writes NaN and Infinity, which JSON has not: they arrive here as texts. */
const figure = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);

/**
 * A line of LLaMA-Factory 0.9.5's trainer_log.jsonl (its LogCallback): an event of training with `loss`, of evaluation
 * with `eval_loss`, the summary at the end with neither.
 */
export const LogLine = z.looseObject({
  current_steps: z.number().int().nonnegative(),
  total_steps: z.number().int().nonnegative(),
  loss: figure.optional(),
  eval_loss: figure.optional(),
  lr: figure.optional(),
  epoch: z.number().optional(),
  /** Of this start of the trainer, "1:02:03", "2 days, 1:02:03". */
  elapsed_time: z.string().optional(),
  /** Tokens per second since this start. */
  throughput: figure.optional(),
  total_tokens: z.number().optional(),
});
export type LogLine = z.infer<typeof LogLine>;

/** null: not a line of the log. What a killed trainer left of a line has the next start's first line behind it. */
export function parseLogLine(text: string): LogLine | null {
  const whole = text.lastIndexOf('{"current_steps"');
  if (whole > 0) return parseLogLine(text.slice(whole));
  try {
    const json = text.replace(/(:\s*)(NaN|-?Infinity)(?=\s*[,}])/g, '$1"$2"');
    return LogLine.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Seconds of Python's str(timedelta); null: not one. */
export function secondsOf(elapsed: string | undefined): number | null {
  const found = /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)/.exec(elapsed ?? "");
  if (!found) return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}
