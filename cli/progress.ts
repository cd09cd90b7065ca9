import ora, { type Ora } from "ora";
import { formatInteger } from "../evals/summary/format.ts";
import { type Call, mergeCalls, spent } from "../models/call.ts";
import type { RunEvent } from "../runtime/run.ts";
import type { StateUpdate } from "../state/fold.ts";
import type { Result } from "../state/result.ts";
import type { Mode } from "../state/run-info.ts";
import type { State } from "../state/state.ts";
import { decisionWords } from "./decision-words.ts";
import { isLive, paint, terminalSafe, writePainted, writeStderr } from "./terminal.ts";

const out = process.stderr;
const oneLine = (text: string, most = 160) => {
  const flat = terminalSafe(text).replace(/\s+/g, " ").trim();
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
};
/** Shows a run on stderr while it works: a live line on a terminal, plain lines elsewhere. Model text is shown as data. */
export class Display {
  private readonly spinner: Ora | null = isLive() ? ora({ stream: out, discardStdin: false }) : null;
  private readonly thinking = new Map<string, number>();
  private calls: Call[] = [];
  private round = "";
  private shown = -1;

  constructor(private readonly budget: () => number | null = () => null) {}

  note(line: string): void {
    this.line(paint("dim", line));
  }

  private line(text: string): void {
    const spinning = this.spinner?.isSpinning;
    if (spinning) this.spinner?.stop();
    writePainted(`${text}\n`);
    if (spinning) this.spinner?.start();
  }

  /** A download: a bar on a terminal, a line for every tenth elsewhere. */
  fetching(progress: { label: string; received: number; total: number }): void {
    const { received, total } = progress;
    const label = oneLine(progress.label);
    const share = total > 0 ? received / total : 0;
    const megabytes = `${(received / 1e6).toFixed(0)} of ${total > 0 ? (total / 1e6).toFixed(0) : "?"} MB`;
    if (this.spinner) {
      const bar = "█".repeat(Math.round(share * 24)).padEnd(24, "░");
      this.spinner.start(`${label} ${bar} ${megabytes}`);
      if (share >= 1) this.spinner.stop();
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.shown) return;
    this.shown = tenth;
    writeStderr(`${label}: ${megabytes}\n`);
  }

  event(event: RunEvent): void {
    const who = "expert" in event ? (event.expert ?? event.node) : "";
    if (event.type === "call") this.thinking.set(who, 0);
    else if (event.type === "token") this.thinking.set(who, (this.thinking.get(who) ?? 0) + 1);
    else if (event.type === "retry")
      this.line(paint("yellow", `  ${who}: ${event.why}, again in ${(event.ms / 1000).toFixed(1)} s`));
    else if (event.type === "paused") this.stop();
    else this.update(event.node, event.update);
    if (event.type !== "paused") this.refresh();
  }

  private refresh(): void {
    if (!this.spinner) return;
    const names = [...this.thinking].map(([name, words]) => (words > 0 ? `${name} (${words})` : name));
    if (names.length === 0) {
      if (this.spinner.isSpinning) this.spinner.stop();
      return;
    }
    const budget = this.budget();
    const left =
      budget === null
        ? ""
        : ` · ${formatInteger(Math.max(0, budget - spent(this.calls).tokens))} tokens left`;
    this.spinner.text = oneLine(
      `${names.join(", ")}${this.round}${left}`,
      Math.max(40, (out.columns ?? 80) - 4),
    );
    if (!this.spinner.isSpinning) this.spinner.start();
  }

  private update(node: string, update: StateUpdate): void {
    this.calls = mergeCalls(this.calls, update.spend ?? []);
    for (const { node: who, expert } of update.spend ?? []) this.thinking.delete(expert ?? who);
    for (const decision of update.decisions ?? []) this.decision(decision);
    if ((node === "recruit" || node === "human") && update.experts)
      this.line(
        `${paint("cyan", "team")}  ${update.experts.map(({ name, expertise }) => oneLine(expertise ? `${name} (${expertise})` : name, 80)).join(" · ")}`,
      );
    if (node === "discuss" && update.next)
      this.round = update.next.round > 0 ? ` · round ${update.next.round}` : "";
    for (const utterance of update.transcript ?? []) {
      const head = paint("bold", utterance.expert);
      if (utterance.abstained)
        this.line(
          `${head}  ${paint("yellow", `abstains (${utterance.abstained})`)} ${oneLine(utterance.error ?? "")}`,
        );
      else if (utterance.kind === "message") this.line(`${head}  says: ${oneLine(utterance.text)}`);
      else if (utterance.kind === "critique")
        this.line(
          `${head}  ${utterance.agree ? paint("green", "agrees") : paint("red", "objects:")} ${utterance.agree ? "" : oneLine(utterance.text)}`,
        );
      else
        this.line(
          `${head}  ${utterance.kind === "draft" ? "drafts" : "revises"}: ${oneLine(utterance.answer ?? `(no answer) ${utterance.text}`)}`,
        );
    }
    for (const { check, verdict } of update.candidates ?? []) {
      if (check) this.line(`${paint("cyan", "check")}  ${oneLine(check.detail)}`);
      if (verdict)
        this.line(
          `${paint("cyan", "evaluator")}  ${verdict.accepted ? paint("green", "accepts") : `rejects: ${oneLine(verdict.advice)}`}`,
        );
    }
  }

  private decision({ applied, forced, reason, changedBy }: State["decisions"][number]): void {
    const budget = this.budget();
    const left =
      budget === null ? "" : ` · ${formatInteger(Math.max(0, budget - spent(this.calls).tokens))} left`;
    this.line(
      `${paint("magenta", changedBy ?? (forced ? "plan" : "CEO"))}  ${decisionWords(applied)}${left}${reason ? paint("dim", `  ${oneLine(reason, 100)}`) : ""}`,
    );
  }

  end(result: Result): void {
    this.spinner?.stop();
    const { usage, budget, status, threadId, overBudget } = result;
    if (overBudget !== undefined) this.line(paint("yellow", oneLine(overBudget, 400)));
    const used = usage.inputTokens + usage.outputTokens + usage.unknownTokens;
    const paid = usage.usd > 0 ? ` · $${usage.usd.toFixed(4)}` : "";
    const unpaid = usage.unpaidTokens > 0 ? " (replayed, paid by nobody)" : "";
    const unknown = usage.unknownTokens > 0 ? ` (${formatInteger(usage.unknownTokens)} of them unknown)` : "";
    this.line(
      paint(
        "dim",
        `${status} · ${formatInteger(used)} of ${formatInteger(budget.tokens)} tokens${unknown}${unpaid}${paid} · ${usage.calls} calls · ${(usage.wallMs / 1000).toFixed(1)} s · thread ${threadId}`,
      ),
    );
  }

  stop(): void {
    this.spinner?.stop();
  }
}

export const banner = (mode: Mode, question: string) => `${mode}  ${oneLine(question, 200)}`;
