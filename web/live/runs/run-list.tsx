import { type ReactNode, useState } from "react";
import { useLoaded } from "../server/use-loaded.ts";
import { RunLine } from "./run-line.tsx";
import type { RunSummary } from "./run-summary.ts";

const PAGE = 25;

interface Props {
  title: string;
  /** Names what is loaded. */
  id: string;
  load: (limit: number, offset: number) => Promise<RunSummary[]>;
  chosen: readonly string[];
  toggle: (id: string) => void;
  /** Shown where there are none. */
  none: ReactNode;
}

/** Runs of one kind, page by page; any two can be chosen. */
export function RunList({ title, id, load, chosen, toggle, none }: Props) {
  const [page, setPage] = useState(0);
  const { value: runs, error } = useLoaded(`${id} ${page}`, () => load(PAGE, page * PAGE));
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {error && <p className="bad">{error}</p>}
      {runs?.length === 0 && page === 0 && <p className="dim">{none}</p>}
      {runs && runs.length > 0 && (
        <ul className="runs">
          {runs.map((run) => (
            <RunLine key={run.id} run={run} chosen={chosen.includes(run.id)} toggle={() => toggle(run.id)} />
          ))}
        </ul>
      )}
      {(page > 0 || runs?.length === PAGE) && (
        <p className="row">
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Newer
          </button>
          <button type="button" disabled={runs?.length !== PAGE} onClick={() => setPage(page + 1)}>
            Older
          </button>
        </p>
      )}
    </section>
  );
}
