import ora from "ora";
import { type ResultRow, tokensOf } from "../evals/records.ts";
import type { Mode } from "../state/run-info.ts";
import { tokens } from "./progress.ts";
import { isLive, terminalSafe, writeStderr } from "./terminal.ts";

/** Accuracy so far by mode, spend and time left, on one line. */
export class Scoreboard {
  private readonly spinner = isLive() ? ora({ stream: process.stderr, discardStdin: false }) : null;
  private readonly began = Date.now();
  private readonly scores: Map<Mode, number[]>;
  private spent = 0;
  private said = 0;

  constructor(names: Mode[]) {
    this.scores = new Map(names.map((mode) => [mode, []]));
  }

  start(): void {
    this.spinner?.start("0 done");
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
    const text = `${done}/${of} · ${means.join(" · ")} · ${tokens(this.spent)} tokens · ${clock(left)} left`;
    if (this.spinner) this.spinner.text = text;
    else if (done === of || Date.now() - this.said > 10_000) {
      this.said = Date.now();
      writeStderr(`${text}\n`);
    }
  }

  note(line: string): void {
    const flat = terminalSafe(line).replace(/\s+/g, " ").slice(0, 200);
    if (this.spinner) this.spinner.stop();
    writeStderr(`${flat}\n`);
    this.spinner?.start();
  }

  stop(): void {
    this.spinner?.stop();
  }
}

const clock = (ms: number): string =>
  ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
