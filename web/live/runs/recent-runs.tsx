import { Link } from "wouter";
import { client } from "../server/client.ts";
import { useLoaded } from "../server/use-loaded.ts";
import { RunLine } from "./run-line.tsx";
import { ofServer } from "./run-summary.ts";

/** The last few runs. */
export function RecentRuns() {
  const { value: threads } = useLoaded("recent runs", () => client.threads.search({ limit: 5 }));
  if (!threads || threads.length === 0) return null;
  return (
    <section className="recent" aria-labelledby="recent">
      <h2 id="recent">Recent runs</h2>
      <ul className="runs">
        {threads.map((thread) => (
          <RunLine key={thread.thread_id} run={ofServer(thread)} />
        ))}
      </ul>
      <p>
        <Link href="/runs">All runs</Link>
      </p>
    </section>
  );
}
