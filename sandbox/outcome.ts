/** What became of a program. `refused`: nothing was run, because no allowed backend is usable here. */
export type Verdict = "passed" | "failed" | "timeout" | "memory" | "output" | "crashed" | "refused";

export type Backend = "process" | "pyodide" | "docker";

export interface Limits {
  /** From the start of the program to its end, in milliseconds. */
  wallMs: number;
  /** Address space of a process (`process`), WebAssembly memory (`pyodide`), memory (`docker`), in bytes. */
  memoryBytes: number;
  /** stdout and stderr together, in bytes. */
  outputBytes: number;
  /** The private temp folder as a whole, in bytes. */
  fileBytes: number;
}

/** In Pyodide, a correct solution of MBPP takes 8 s (item 123): a shorter deadline would call it wrong. */
export const defaultLimits: Limits = {
  wallMs: 15_000,
  memoryBytes: 1 << 30,
  outputBytes: 1 << 16,
  fileBytes: 1 << 24,
};

/** A script on its own. Its `passed` says that it ended with exit status 0, and is no evidence of anything else. */
export interface Program {
  program: string;
  /** Path below the working folder -> text. */
  files?: Record<string, string>;
}

/** Code under test and the tests of it, which run in another process than the code. */
export interface Check {
  /** Python source that defines what is tested. */
  candidate: string;
  /** Statements that raise when the candidate is wrong, or one whole program that does. */
  tests: string[] | string;
  /** Trusted source that runs before the tests: imports, the helpers that a prompt gives. */
  setup?: string;
  /** A name that the candidate must define; it goes before a built-in of that name. */
  entryPoint?: string;
  files?: Record<string, string>;
}

export interface Choice {
  limits?: Partial<Limits>;
  /** Asks for one backend by name; without it, `process`, else the first usable one in `allow`. */
  backend?: Backend;
  /** Weaker tiers that may stand in where `process` is not usable. Default: none. */
  allow?: Backend[];
  signal?: AbortSignal;
}

export interface Outcome {
  verdict: Verdict;
  /** null: refused, nothing was run. */
  backend: Backend | null;
  /** Why it did not pass, in a line. */
  detail: string;
  /** Truncated to 4,000 characters each. */
  stdout: string;
  stderr: string;
  ms: number;
}

export interface CheckOutcome extends Outcome {
  /** Of `total` tests; a whole program is one test. */
  passed: number;
  total: number;
}

/** One thing to run, as the backends get it. */
export interface Job {
  role: "run" | "check";
  code: { source: string; files: Record<string, string> };
  tests: { setup: string; tests: string[]; entryPoint: string | null };
  limits: Limits;
  signal: AbortSignal | undefined;
}

/** How a program ended, before it is judged: what the judge reported last, or a script's exit status. */
export interface JobEnd {
  stopped: "ended" | "timeout" | "output";
  /** Exit status; negative: killed by that signal. */
  status: number;
  /** JSON lines of the judge. */
  report: string;
  stdout: string;
  stderr: string;
  ms: number;
}

/** A script's exit status after MemoryError: `MEMORY_EXIT` of judge.py; and when its interpreter broke. */
const MEMORY_EXIT = 78;
const BROKEN_EXIT = 70;
const KEPT = 4000;

export function outcomeOf(job: Job, backend: Backend, ending: JobEnd): CheckOutcome {
  const report = job.role === "check" ? lastReport(ending.report) : scriptReport(ending);
  const stopped = ending.stopped === "ended" ? {} : { verdict: ending.stopped, detail: reason(job, ending) };
  const text = { stdout: ending.stdout.slice(0, KEPT), stderr: ending.stderr.slice(0, KEPT) };
  const total = job.role === "check" ? job.tests.tests.length : 1;
  return { ...report, ...stopped, total, backend, ...text, ms: ending.ms };
}

type JobReport = Pick<CheckOutcome, "verdict" | "passed" | "detail">;

function lastReport(report: string): JobReport {
  const line = report.slice(0, report.lastIndexOf("\n")).split("\n").at(-1);
  if (!line) return { verdict: "crashed", passed: 0, detail: "the judge ended without a word" };
  const { verdict, passed, detail } = JSON.parse(line) as JobReport;
  return { verdict, passed, detail: detail.slice(0, KEPT) };
}

function scriptReport({ status, stderr }: JobEnd): JobReport {
  if (status === 0) return { verdict: "passed", passed: 1, detail: "" };
  if (status === MEMORY_EXIT) return { verdict: "memory", passed: 0, detail: "MemoryError" };
  if (status === BROKEN_EXIT) return { verdict: "crashed", passed: 0, detail: "the interpreter broke" };
  if (status < 0) return { verdict: "crashed", passed: 0, detail: `killed by signal ${-status}` };
  const lastLine = stderr.trimEnd().split("\n").at(-1)?.slice(0, 300);
  return { verdict: "failed", passed: 0, detail: lastLine || `exit status ${status}` };
}

const reason = ({ limits }: Job, { stopped }: JobEnd) =>
  stopped === "timeout"
    ? `not done after ${limits.wallMs} ms`
    : `more than ${limits.outputBytes} bytes of output`;
