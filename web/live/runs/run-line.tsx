import type { Thread } from "@langchain/langgraph-sdk";
import { Link } from "wouter";
import type { State } from "../../../state/state.ts";
import { tokens } from "../../record/figures.ts";
import { tokensOf } from "../../record/remaining.ts";
import { shownState } from "../run/shown-state.ts";
import "./runs.css";

interface LineProps {
  thread: Thread<Partial<State>>;
  /** Whether it is chosen for comparison; left out where nothing is chosen. */
  chosen?: boolean;
  toggle?: () => void;
}

/** A thread in a line: what was asked, and how it stands. */
export function RunLine({ thread, chosen, toggle }: LineProps) {
  const state = shownState(thread.values);
  const question = state?.task?.question ?? "no question yet";
  const spent = state?.spend.reduce((sum, call) => sum + tokensOf(call), 0) ?? 0;
  const status = thread.status === "idle" ? (state?.status ?? "new") : thread.status;
  return (
    <li>
      {toggle && (
        <input
          type="checkbox"
          checked={chosen ?? false}
          onChange={toggle}
          aria-label={`Compare: ${question}`}
        />
      )}
      <div>
        <Link href={`/runs/${thread.thread_id}`}>{question}</Link>
        <p className="dim">
          {[
            String(thread.metadata?.graph_id ?? ""),
            status,
            `${tokens(spent)} tokens`,
            new Date(thread.created_at).toLocaleString(),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <span className="said answer">{state?.answer}</span>
    </li>
  );
}
