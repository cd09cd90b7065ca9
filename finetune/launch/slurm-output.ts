import { stripVTControlCharacters } from "node:util";

const linesOf = (stdout: string): string[] =>
  stripVTControlCharacters(stdout)
    .split(/\r?\n/)
    .map((line) => line.trim());

/** A job as sbatch names it; `cluster` where it went to one of several. */
interface Submitted {
  job: string;
  cluster?: string;
}

const FORMS = [/^(\d+);([\w.-]+)$/, /^(\d+)$/, /\bSubmitted batch job (\d+)(?: on cluster ([\w.-]+))?/];

/**
 * The job in what sbatch --parsable printed, among a site's own lines; a wrapper may leave --parsable out. Null where
 * there is none, or several lines could be it.
 */
export function jobIn(stdout: string): Submitted | null {
  for (const form of FORMS) {
    const found = linesOf(stdout).flatMap((line) => {
      const [, job, cluster] = form.exec(line) ?? [];
      return job ? [{ job, ...(cluster && { cluster }) }] : [];
    });
    const [first, ...others] = found;
    if (first) return others.every(({ job }) => job === first.job) ? first : null;
  }
  return null;
}

/** The fields of the last line of this form: squeue heads a cluster's jobs with its name, and sites print banners. */
export const lastRow = (stdout: string, form: RegExp): string[] =>
  linesOf(stdout)
    .findLast((line) => form.test(line))
    ?.split("|") ?? [];

/** The cluster that options of sbatch name; none where they leave it to Slurm to choose among several. */
export function clusterAsked(sbatch: readonly string[]): string | undefined {
  const names = sbatch.flatMap((option) => /^(?:--clusters?[= ]|-M\s*)(\S+)$/.exec(option)?.[1] ?? []);
  return names.at(-1);
}
