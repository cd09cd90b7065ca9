import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { Section } from "../section.tsx";
import { BenchmarkChecks } from "./benchmark-checks.tsx";
import { Excerpts } from "./excerpts.tsx";
import { Funnel } from "./funnel.tsx";
import { Header } from "./header.tsx";

/** A curated dataset: where its rows come from, what each filter took, and some rows to read. */
export function DatasetPage({ data: { manifest, kept, rejected } }: { data: DatasetPageData }) {
  return (
    <main>
      <Header manifest={manifest} />
      <Section id="funnel" title="What each filter let through">
        <p>
          Bars: what was left after a filter, of all that was read. Below them: what it rejected, and for
          what.
        </p>
        <Funnel funnel={manifest.funnel} read={manifest.read} />
      </Section>
      <Section id="checks" title="Benchmarks">
        <BenchmarkChecks manifest={manifest} />
      </Section>
      <Section id="rows" title="Kept and rejected">
        <p>Up to twenty of each, drawn by the seed; of the rejected ones every reason in turn.</p>
        <Excerpts kept={kept} rejected={rejected} />
      </Section>
    </main>
  );
}
