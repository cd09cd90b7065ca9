import ora from "ora";
import { type ResultRow, tokensOf } from "../evals/records.ts";
import { formatInteger } from "../evals/summary/format.ts";
import type { OpenModel } from "../models/open.ts";
import type { Mode } from "../state/run-info.ts";
import { isLive, terminalSafe, writeStderr } from "./terminal.ts";

/** A server that lets nobody in for this long, in ms, is waited for; less is its pace. */
const WAIT_MS = 1_000;
/** Without a terminal nothing is said more often than this, in ms. */
const SELDOM_MS = 10_000;

/** Accuracy so far by mode, spend, time left, and what is waited for, on one line. */
export class Scoreboard {
  private readonly spinner = isLive() ? ora({ stream: process.stderr, discardStdin: false }) : null;
  private readonly began = Date.now();
  private readonly scores: Map<Mode, number[]>;
  private spent = 0;
  private said = 0;
  private saidWaiting = 0;
  private text = "0 done";
  private timer: NodeJS.Timeout | undefined;

  constructor(
    names: Mode[],
    /** Servers that requests go to. */
    private readonly models: readonly Pick<OpenModel, "endpoint" | "limiter">[],
  ) {
    this.scores = new Map(names.map((mode) => [mode, []]));
  }

  start(): void {
    this.spinner?.start(this.text);
    this.timer = setInterval(() => this.wait(), 500);
  }

  /** Says for how long a server that refuses is waited for. */
  private wait(): void {
    const pauses = this.models.map(({ endpoint, limiter }) => ({ endpoint, ms: limiter?.pauseMs ?? 0 }));
    const { endpoint, ms } = pauses.reduce((a, b) => (b.ms > a.ms ? b : a), { endpoint: "", ms: 0 });
    const waiting = ms >= WAIT_MS ? `${endpoint} is busy, waiting ${clock(ms)}` : "";
    if (this.spinner) this.spinner.text = waiting ? `${this.text} · ${waiting}` : this.text;
    else if (waiting && Date.now() - this.saidWaiting > SELDOM_MS) {
      this.saidWaiting = Date.now();
      writeStderr(`${waiting}\n`);
    }
  }

  result(row: ResultRow, done: number, of: number): void {
    const { mode, score } = row;
    if (score !== null) this.scores.get(mode)?.push(score);
    this.spent += tokensOf(row);
    const left = ((Date.now() - this.began) / done) * (of - done);
    const means = [...this.scores].map(([name, all]) =>
      all.length > 0
        ? `${name} ${((100 * all.reduce((a, b) => a + b, 0)) / all.length).toFixed(0)}%`
        : `${name} -`,
    );
    this.text = `${done}/${of} · ${means.join(" · ")} · ${formatInteger(this.spent)} tokens · ${clock(left)} left`;
    if (this.spinner) this.wait();
    else if (done === of || Date.now() - this.said > SELDOM_MS) {
      this.said = Date.now();
      writeStderr(`${this.text}\n`);
    }
  }

  note(line: string): void {
    const flat = terminalSafe(line).replace(/\s+/g, " ").slice(0, 200);
    if (this.spinner) this.spinner.stop();
    writeStderr(`${flat}\n`);
    this.spinner?.start();
  }

  stop(): void {
    clearInterval(this.timer);
    this.spinner?.stop();
  }
}

const clock = (ms: number): string =>
  ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
