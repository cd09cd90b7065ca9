import ora, { type Ora } from "ora";
import type { End, View } from "../../finetune/follow/follow.ts";
import { plotLines } from "../../finetune/follow/plot.ts";
import type { Progress } from "../../finetune/follow/progress.ts";
import { progressBar, progressShare, progressText } from "../../finetune/follow/progress-text.ts";
import type { Status } from "../../finetune/launch/launcher.ts";
import { isLive, paint, terminalSafe, writePainted, writeStderr } from "../terminal.ts";

const out = process.stderr;

/** A run on stderr: on a terminal a bar and the plot, elsewhere a line for every tenth and every eval loss. */
export class FollowDisplay implements View {
  private readonly spinner: Ora | null = isLive() ? ora({ stream: out, discardStdin: false }) : null;
  private said = "";
  private evals = 0;
  private tenth = -1;

  progress(progress: Progress, status: Status): void {
    if (this.spinner) {
      const width = Math.max(20, Math.min(80, (out.columns ?? 80) - 14));
      const plot = plotLines(progress.loss, progress.evalLoss, { width, height: 8 });
      const head =
        progress.total > 0
          ? `${progressBar(progressShare(progress))} ${progressText(progress)}`
          : terminalSafe(status.detail);
      this.spinner.text = [head, ...plot].join("\n");
      if (!this.spinner.isSpinning) this.spinner.start();
      return;
    }
    if (progress.total === 0) {
      if (this.said !== status.detail) writeStderr(`${status.detail}\n`);
      this.said = status.detail;
      return;
    }
    const tenth = Math.floor(progressShare(progress) * 10);
    if (tenth === this.tenth && progress.evalLoss.length === this.evals) return;
    Object.assign(this, { tenth, evals: progress.evalLoss.length });
    writeStderr(`${progressText(progress)}\n`);
  }

  trouble(sentence: string): void {
    this.line(paint(["bold", "red"], `WARNING  ${sentence}`));
  }

  end({ status, progress, folder, lastOutput }: End): void {
    this.spinner?.stop();
    const plot = plotLines(progress.loss, progress.evalLoss, { width: 60, height: 8 });
    for (const line of plot) writeStderr(`${line}\n`);
    if (progress.total > 0) writeStderr(`${progressText(progress)}\n`);
    if (lastOutput.length > 0)
      writeStderr(
        `The trainer's last words:\n${lastOutput.map((line) => `  ${terminalSafe(line)}\n`).join("")}`,
      );
    writePainted(`${paint(status.state === "done" ? "green" : "red", status.detail)}\n`);
    if (status.exitCode !== null) writeStderr(`exit code ${status.exitCode}\n`);
    writePainted(paint("dim", `${folder}: output/, train.log, loss.svg\n`));
  }

  stop(): void {
    this.spinner?.stop();
  }

  private line(text: string): void {
    const spinning = this.spinner?.isSpinning;
    if (spinning) this.spinner?.stop();
    writePainted(`${text}\n`);
    if (spinning) this.spinner?.start();
  }
}
