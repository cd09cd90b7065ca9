import { availableParallelism } from "node:os";
import { dockerEngine } from "./docker.ts";
import type { Engine } from "./engine.ts";
import {
  type Backend,
  type Check,
  type CheckOutcome,
  type Choice,
  defaultLimits,
  type Job,
  type Outcome,
  outcomeOf,
  type Program,
} from "./outcome.ts";
import { processEngine } from "./process.ts";
import { pyodideEngine } from "./pyodide.ts";
import { untilAborted } from "./until-aborted.ts";

export interface Probe {
  backend: Backend;
  usable: boolean;
  /** How it isolates here, or why it cannot. */
  why: string;
}

export interface Sandbox {
  run(program: Program & Choice): Promise<Outcome>;
  check(check: Check & Choice): Promise<CheckOutcome>;
  probe(): Promise<Probe[]>;
  /** Rejects what runs or waits, and resolves when nothing is left; the pool can be used again. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Programs at once. Default: the number of cores. */
  concurrency?: number;
  engines?: Engine[];
}

/** The pool of this process; it starts nothing before it is used. */
export const sandbox: Sandbox = sandboxPool();

/**
 * Runs programs, `concurrency` at once, the others in the order they came. A program whose signal is aborted rejects
 * with the signal's reason; everything else that can happen to a program is an outcome.
 */
export function sandboxPool(options: PoolOptions = {}): Sandbox {
  const engines = options.engines ?? [processEngine(), pyodideEngine(), dockerEngine()];
  const inTurn = turns(options.concurrency ?? availableParallelism());
  const probes = new Map<Backend, Promise<Probe>>();
  let closing = new AbortController();

  /** What is found usable stays so; what is not is tried again by whoever asks next. */
  async function probeOne(engine: Engine): Promise<Probe> {
    const probing = probes.get(engine.backend) ?? tryOut(engine);
    probes.set(engine.backend, probing);
    const probe = await probing;
    if (!probe.usable && probes.get(engine.backend) === probing) probes.delete(engine.backend);
    return probe;
  }

  /** The engine to use, or why there is none. */
  async function choose({ backend, allow = [] }: Choice): Promise<Engine | string> {
    const wanted = backend ? [backend] : (["process", ...allow] as const);
    const reasons = [];
    for (const name of wanted) {
      const engine = engines.find((one) => one.backend === name);
      const probe = engine ? await probeOne(engine) : { usable: false, why: "no such backend" };
      if (engine && probe.usable) return engine;
      reasons.push(`${name}: ${probe.why}`);
    }
    return reasons.join("; ");
  }

  async function perform(choice: Choice, requested: Job): Promise<CheckOutcome> {
    const ends = requested.signal ? [requested.signal, closing.signal] : [closing.signal];
    const job = { ...requested, signal: AbortSignal.any(ends) };
    const engine = await untilAborted(choose(choice), job.signal);
    if (typeof engine === "string") return nothingRun("refused", null, engine, job);
    return inTurn(job.signal, async () => {
      try {
        return outcomeOf(job, engine.backend, await engine.do(job));
      } catch (error) {
        job.signal.throwIfAborted();
        return nothingRun("crashed", engine.backend, (error as Error).message, job);
      }
    });
  }

  return {
    run: async (program) => {
      const { passed, total, ...outcome } = await perform(program, scriptJob(program));
      return outcome;
    },
    check: (check) => perform(check, checkJob(check)),
    probe: () => Promise.all(engines.map(probeOne)),
    close: async () => {
      closing.abort(new Error("the sandbox was closed"));
      closing = new AbortController();
      await Promise.all(engines.map((engine) => engine.close()));
      await Promise.all(probes.values()); // those that it ended are to be tried again
    },
  };
}

async function tryOut(engine: Engine): Promise<Probe> {
  const { backend } = engine;
  try {
    return { backend, usable: true, why: await engine.usable() };
  } catch (error) {
    return { backend, usable: false, why: (error as Error).message };
  }
}

function scriptJob({ program, files = {}, limits, signal }: Program & Choice): Job {
  const tests = { setup: "", tests: [], entryPoint: null };
  return {
    role: "run",
    code: { source: program, files },
    tests,
    limits: { ...defaultLimits, ...limits },
    signal,
  };
}

function checkJob(check: Check & Choice): Job {
  const { candidate, files = {}, setup = "", entryPoint = null, limits, signal } = check;
  const tests = typeof check.tests === "string" ? [check.tests] : check.tests;
  return {
    role: "check",
    code: { source: candidate, files },
    tests: { setup, tests, entryPoint },
    limits: { ...defaultLimits, ...limits },
    signal,
  };
}

const nothingRun = (verdict: "refused" | "crashed", backend: Backend | null, detail: string, job: Job) => ({
  ...{ verdict, backend, detail, stdout: "", stderr: "", ms: 0, passed: 0 },
  total: job.role === "check" ? job.tests.tests.length : 1,
});

/** Lets `n` tasks run at once; an aborted one leaves the queue. */
function turns(n: number) {
  let free = n;
  const waiting: (() => void)[] = [];
  return async <T>(signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
