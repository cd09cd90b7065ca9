import { useState } from "react";
import { Link } from "wouter";
import { client } from "../server/client.ts";
import { useLoaded } from "../server/use-loaded.ts";
import { RunLine } from "./run-line.tsx";

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
