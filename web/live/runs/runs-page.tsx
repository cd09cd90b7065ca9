import type { Thread } from "@langchain/langgraph-sdk";
import { useState } from "react";
import { Link } from "wouter";
import type { State } from "../../../state/state.ts";
import { tokens } from "../../record/figures.ts";
import { tokensOf } from "../../record/remaining.ts";
import { shownState } from "../run/shown-state.ts";
import { client } from "../server/client.ts";
import { useLoaded } from "../server/use-loaded.ts";
import "./runs.css";

const PAGE = 25;

/** The threads of this server, the newest first; any two can be compared. */
export function RunsPage() {
  const [page, setPage] = useState(0);
  const [chosen, setChosen] = useState<string[]>([]);
  const { value: threads, error } = useLoaded(`runs ${page}`, () =>
    client.threads.search({ limit: PAGE, offset: page * PAGE }),
  );
  const [a, b] = chosen;
  const toggle = (id: string) =>
    setChosen((before) =>
      before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-2),
    );
  return (
    <main id="content" className="plain">
      <h1>Runs</h1>
      {error && <p className="bad">{error}</p>}
      {threads?.length === 0 && page === 0 && (
        <p>
          There are none yet. <Link href="/">Ask something.</Link>
        </p>
      )}
      {threads && threads.length > 0 && (
        <>
          <p>
            {a && b ? (
              <Link href={`/compare?a=${b}&b=${a}`}>Compare the two</Link>
            ) : (
              <span className="dim">Choose two to compare them.</span>
            )}
          </p>
          <ul className="runs">
            {threads.map((thread) => (
              <RunLine
                key={thread.thread_id}
                thread={thread}
                chosen={chosen.includes(thread.thread_id)}
                toggle={() => toggle(thread.thread_id)}
              />
            ))}
          </ul>
        </>
      )}
      <p>
        {page > 0 && (
          <button type="button" onClick={() => setPage(page - 1)}>
            Newer
          </button>
        )}{" "}
        {threads?.length === PAGE && (
          <button type="button" onClick={() => setPage(page + 1)}>
            Older
          </button>
        )}
      </p>
    </main>
  );
}

interface LineProps {
  thread: Thread<Partial<State>>;
  chosen: boolean;
  toggle: () => void;
}

function RunLine({ thread, chosen, toggle }: LineProps) {
  const state = shownState(thread.values);
  const question = state?.task?.question ?? "no question yet";
  const spent = state?.spend.reduce((sum, call) => sum + tokensOf(call), 0) ?? 0;
  const status = thread.status === "idle" ? (state?.status ?? "new") : thread.status;
  return (
    <li>
      <input type="checkbox" checked={chosen} onChange={toggle} aria-label={`Compare: ${question}`} />
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
