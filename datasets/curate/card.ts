import { stringify } from "yaml";
import { datasetFiles, type Manifest } from "./manifest.ts";
import { codeSpan, codeSpans } from "./markdown.ts";

const sizes: [number, string][] = [
  [1_000, "n<1K"],
  [10_000, "1K<n<10K"],
  [100_000, "10K<n<100K"],
  [1_000_000, "100K<n<1M"],
];

/** One licence by its name; several, or unknown ones beside others, are told of below. */
function licenceOf(licences: readonly string[]): Record<string, string> {
  const [only = "unknown"] = licences;
  if (licences.length <= 1) return { license: only.toLowerCase() };
  return { license: "other", license_name: "several", license_link: "README.md" };
}

/** The dataset card: README.md with the header that the Hugging Face hub reads. */
export function cardOf(manifest: Manifest): string {
  const { kept, read, source, rows, problems, models, licences, benchmarks, settings } = manifest;
  const header = stringify({
    ...licenceOf(licences),
    language: ["en"],
    task_categories: ["text-generation"],
    tags: ["multi-agent", "reasoning", "sft", "boardroom"],
    size_categories: [sizes.find(([most]) => kept < most)?.[1] ?? "n>1M"],
    configs: [{ config_name: "default", data_files: [{ split: "rows", path: datasetFiles.parquet }] }],
  });
  const lost = manifest.funnel.filter(({ reasons }) => Object.keys(reasons).length > 0);
  return `---
${header}---

# Multi-agent reasoning traces

${
  source.kind === "m500"
    ? `${kept} of ${read} records of M500, their message lists unchanged.`
    : `${kept} of ${read} traces of teams of LLM experts that reasoned together on one problem each, as kept by \`boardroom curate\`.`
} ${rows.train} rows on ${problems.train} problems to train on, ${rows.validation} rows on ${problems.validation} other problems for validation (column \`split\`).

## Columns

| column | what |
|---|---|
| \`question\`, \`solution\` | the problem and its reference answer |
| \`expert_recruiter_messages\`, \`problem_solver_messages\`, \`critic_messages\`, \`evaluator_messages\` | M500's columns: what each role read and said, as \`{role, content}\`; thinking stands first, as \`<think>…</think>\` |
| \`ceo_messages\` | the same for the CEO, whose decisions M500 does not hold |
| \`turns\` | for each reply its place in its column, its prompt's place, expert, round, model, and what the prompt was made of |
| \`provenance\` | trace, benchmark and item, mode, score and how it was found, models, prompt hashes, settings, revision, licence of the problem |

## How it was made

Models: ${codeSpans(models) || "not known"}. Source: ${codeSpan(source.from)}${source.projects.length > 0 ? `, projects ${codeSpans(source.projects)}` : ""}.

${
  lost.length === 0
    ? "No row was rejected."
    : `| filter | in | out | rejected for |
|---|---|---|---|
${lost
  .map(
    ({ step, in: into, out, reasons }) =>
      `| ${codeSpan(step)} | ${into} | ${out} | ${Object.entries(reasons)
        .map(([reason, n]) => `${codeSpan(reason)}: ${n}`)
        .join(", ")} |`,
  )
  .join("\n")}`
}

Settings: ${codeSpan(JSON.stringify(settings))}

## Overlap with benchmarks

Checked against: ${benchmarks.checked.map(({ benchmark, items, whole }) => `${codeSpan(benchmark)} (${items} items${whole ? "" : ", a part"})`).join(", ") || "none"}.
**Not checked**: ${codeSpans(benchmarks.unchecked.map(({ benchmark }) => benchmark)) || "none"}.
${benchmarks.flagged} rows carry a flag for 8 words in a row that they share with a benchmark.

## Licences

Of the problems: ${codeSpans(licences)}. Replies are the models': their makers' terms hold.
`;
}
