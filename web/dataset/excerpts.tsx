import { useState } from "react";
import type { Excerpt } from "../../datasets/curate/excerpts.ts";
import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { Choices } from "../choices.tsx";
import { ExcerptView } from "./excerpt-view.tsx";

const ALL = "";

/** Kept rows beside rejected ones on a wide screen; the rejected ones of one reason alone where a reader asks for it. */
export function Excerpts({ kept, rejected }: Pick<DatasetPageData, "kept" | "rejected">) {
  const [reason, setReason] = useState(ALL);
  const reasons = [...new Set(rejected.map(reasonOf))].sort();
  const choices = [
    { name: ALL, label: "All", count: rejected.length },
    ...reasons.map((name) => ({
      name,
      label: name,
      count: rejected.filter((excerpt) => reasonOf(excerpt) === name).length,
    })),
  ];
  const shown = rejected.filter((excerpt) => reason === ALL || reasonOf(excerpt) === reason);
  return (
    <>
      {reasons.length > 1 && (
        <div className="reason-choices">
          <span className="dim">Rejected for</span>
          <Choices legend="Rejected for" choices={choices} chosen={reason} choose={setReason} />
        </div>
      )}
      <div className="pairs">
        <section aria-labelledby="kept-title">
          <h3 id="kept-title">Kept</h3>
          <Column excerpts={kept} none="No row was kept." />
        </section>
        <section aria-labelledby="rejected-title">
          <h3 id="rejected-title">Rejected</h3>
          <Column excerpts={shown} none="No row was rejected." />
        </section>
      </div>
    </>
  );
}

const reasonOf = ({ rejection }: Excerpt): string =>
  rejection ? `${rejection.step}: ${rejection.reason}` : "";

function Column({ excerpts, none }: { excerpts: readonly Excerpt[]; none: string }) {
  if (excerpts.length === 0) return <p className="dim">{none}</p>;
  return excerpts.map((excerpt) => (
    <ExcerptView key={`${excerpt.title} ${excerpt.facts.join()} ${excerpt.lastReply}`} excerpt={excerpt} />
  ));
}
