/**
 * Curates 10,000 and then 100,000 synthetic traces of eight model calls each, made as a stream: processor time per trace
 * (others may use the machine, too) should be the same for both, and memory stay under 2 GB. A smaller number passes through the real local store.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { curate } from "../../datasets/curate/curate.ts";
import { BenchmarkIndex } from "../../datasets/curate/decontaminate.ts";
import { Folder } from "../../datasets/curate/folder.ts";
import { Funnel, funnelText } from "../../datasets/curate/funnel.ts";
import { judgeOf } from "../../datasets/curate/gold.ts";
import { applyFilters } from "../../datasets/curate/pipeline.ts";
import { projectsOf, runsOf } from "../../datasets/curate/runs.ts";
import { CurateSettings } from "../../datasets/curate/settings.ts";
import { tracesOf } from "../../datasets/curate/traces.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";
import { stored } from "../datasets/curate/stored.ts";
import { faults, type Planned, questionOf, stream } from "../datasets/curate/traces.ts";

const SIZES = [10_000, 100_000];
const STORED = 2_000;
/** Every so many traces one has a fault, each in turn. */
const EVERY = 50;
const LEAKED = 10_000_000;

/** Repeated questions would make benchmarks and duplicates of everything: a leak is the only one that repeats. */
function plan(n: number): Planned {
  if (n % EVERY !== 0) return {};
  const fault = faults[(n / EVERY) % faults.length]!;
  return fault === "leak" ? { fault, question: questionOf(LEAKED) } : { fault };
}

const index = new BenchmarkIndex();
for (let n = 0; n < 1000; n++) index.add("math500", String(n), { question: questionOf(LEAKED + n) });

async function once(name: string, runs: AsyncIterable<TracedRun>, folder: string) {
  const settings = CurateSettings.parse({});
  const funnel = new Funnel();
  const tries = new Map();
  const judge = judgeOf({
    client: { readExample: () => Promise.reject(new Error("none")), async *listExamples() {} },
    given: [],
    fetching: {},
  });
  const guard = { index, checked: [], unchecked: [] };
  const began = performance.now();
  const cpu = process.cpuUsage();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 200);
  const manifest = await curate({
    folder: await Folder.open(join(folder, name), name),
    results: applyFilters(tracesOf(runs, null), { settings, guard, judge, tries, funnel }),
    settings,
    tries,
    funnel,
    origin: {
      inputs: name,
      source: {
        kind: "traces",
        from: "bench",
        projects: [],
        benchmark: null,
        since: null,
        first: null,
        last: null,
      },
      benchmarks: { checked: [], unchecked: [] },
    },
  });
  clearInterval(watch);
  const ms = performance.now() - began;
  rmSync(join(folder, name), { recursive: true });
  const { user, system } = process.cpuUsage(cpu);
  const each = (user + system) / 1000 / manifest.read;
  console.log(
    [
      name.padEnd(14),
      String(manifest.read).padStart(7),
      (ms / 1000).toFixed(1).padStart(8),
      each.toFixed(3).padStart(12),
      (peak / 1e6).toFixed(0).padStart(8),
    ].join("  "),
  );
  return { each, peak, text: funnelText(manifest.funnel, manifest.read, manifest.kept) };
}

export default async function curateBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  console.log(
    ["", "traces", "seconds", "CPU ms each", "peak MB"]
      .map((head, i) => head.padStart([14, 7, 8, 12, 8][i]!))
      .join("  "),
  );
  await once("warm-up", stream(1_000, plan), folder);
  const results = [];
  for (const size of SIZES) results.push(await once(`stream-${size}`, stream(size, plan), folder));
  const store = openStore(join(folder, "traces.db"));
  const client = localClient({ store });
  await stored(client, stream(STORED, plan));
  const through = async function* () {
    const query = { projects: [], since: null };
    for (const project of await projectsOf(client, query)) yield* runsOf(client, project, query);
  };
  const last = await once("local store", through(), folder);
  rmSync(folder, { recursive: true, force: true });
  const [few, many] = results;
  console.log(`\n${many!.text}\n\nlocal store:\n${last.text}\n`);
  console.log(`processor time per trace, ${SIZES[1]} to ${SIZES[0]}: ${(many!.each / few!.each).toFixed(2)}`);
  const worst = Math.max(...results.map(({ peak }) => peak), last.peak);
  if (many!.each / few!.each > 1.5) throw new Error("time is not linear");
  if (worst > 2e9) throw new Error("more than 2 GB were held");
}
