import { useState } from "react";
import { Link } from "wouter";
import type { SavedRunLine } from "../../../cli/studio/thread-routes.ts";
import { client, fetchJson } from "../server/client.ts";
import { RunList } from "./run-list.tsx";
import { ofCommandLine, ofServer } from "./run-summary.ts";

/** The threads of this server and those of the command line, the newest first; any two can be compared. */
export function RunsPage() {
  const [chosen, setChosen] = useState<string[]>([]);
  const [a, b] = chosen;
  const toggle = (id: string) =>
    setChosen((before) =>
      before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-2),
    );
  return (
    <main id="content" className="plain">
      <h1>Runs</h1>
      <p className="dim" role="status">
        {a && b ? (
          <Link href={`/compare?a=${b}&b=${a}`}>Compare the two</Link>
        ) : (
          "Choose two to compare them."
        )}
      </p>
      <RunList
        title="Of this page and of Studio"
        id="runs-here"
        load={async (limit, offset) => (await client.threads.search({ limit, offset })).map(ofServer)}
        chosen={chosen}
        toggle={toggle}
        none={
          <>
            There are none yet. <Link href="/">Ask something.</Link>
          </>
        }
      />
      <RunList
        title="Of the command line"
        id="runs-kept"
        load={async (limit, offset) =>
          (await fetchJson<SavedRunLine[]>(`/boardroom/threads?limit=${limit}&offset=${offset}`)).map(
            ofCommandLine,
          )
        }
        chosen={chosen}
        toggle={toggle}
        none={
          <>
            There are none yet. <code>boardroom solve "…"</code> makes one.
          </>
        }
      />
    </main>
  );
}
