import type { ReportData } from "../../evals/report/report-data.ts";
import { Section } from "../section.tsx";
import { Anytime } from "./anytime.tsx";
import { Header } from "./header.tsx";
import { ItemBrowser } from "./items/item-browser.tsx";
import { ModesTable } from "./modes-table.tsx";
import { Positions } from "./positions.tsx";
import { ReliabilityCharts } from "./reliability.tsx";
import { RepeatsTable, repeatedModes } from "./repeats-table.tsx";

/** The report of an evaluation; a part with nothing to show is left out. */
export function Report({ data: { summary, reliability, items } }: { data: ReportData }) {
  const { benchmark, modes, anytime, marks, positions, notes } = summary;
  const repeated = repeatedModes(modes);
  return (
    <main>
      <title>{`${benchmark} · Boardroom`}</title>
      <Header summary={summary} />
      <Section id="modes" title="Modes at the same budget">
        <ModesTable modes={modes} />
      </Section>
      {repeated.length > 0 && (
        <Section id="repeats" title="Repeats">
          <RepeatsTable modes={repeated} />
        </Section>
      )}
      {anytime.length > 0 && (
        <Section id="anytime" title="Score over tokens">
          <Anytime anytime={anytime} marks={marks} modes={modes} />
        </Section>
      )}
      {reliability.length > 0 && (
        <Section id="reliability" title="Does confidence mean anything?">
          <ReliabilityCharts curves={reliability} />
        </Section>
      )}
      {positions && positions.length > 0 && (
        <Section id="positions" title="Position of the choices">
          <Positions positions={positions} />
        </Section>
      )}
      {notes.length > 0 && (
        <Section id="notes" title="Notes">
          <ul className="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
      <Section id="items" title="Items">
        <ItemBrowser items={items} />
      </Section>
    </main>
  );
}
