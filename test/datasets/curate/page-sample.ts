import type { Excerpt } from "../../../datasets/curate/excerpts.ts";
import { Funnel } from "../../../datasets/curate/funnel.ts";
import type { Manifest } from "../../../datasets/curate/manifest.ts";
import type { Rejection } from "../../../datasets/curate/rejection.ts";
import { wilson } from "../../../evals/stats/wilson.ts";

const rejections: [n: number, rejection: Rejection][] = [
  [38, { step: "finished", reason: "failed", detail: "the endpoint answered 503 three times" }],
  [211, { step: "correct", reason: "wrong answer", detail: "17 is not 42" }],
  [24, { step: "consensus", reason: "split", detail: "2 of 4 experts agreed" }],
  [9, { step: "length", reason: "too long", detail: "9,113 tokens" }],
  [3, { step: "decontaminate", reason: "in a benchmark", detail: "math500 item 112" }],
  [31, { step: "duplicates", reason: "same problem", detail: "as row 0b77" }],
];

/** What a page of a dataset shows: 600 traces, of which 284 were kept. `payload` is put into every text of others. */
export function pageSample(payload = ""): { manifest: Manifest; kept: Excerpt[]; rejected: Excerpt[] } {
  const funnel = new Funnel();
  funnel.read = 600;
  for (const [n, rejection] of rejections) for (let i = 0; i < n; i++) funnel.reject(rejection);
  const kept = 600 - funnel.rejected;
  const excerpt = (n: number, rejection: Rejection | null): Excerpt => ({
    title: `math500 test/${n}${payload}`,
    question: `What is the remainder when 7^${2000 + n} is divided by ${90 + n}? Show each step, and give a whole number.${payload}`,
    solution: String((n * 37) % 90),
    answer: rejection ? "17" : String((n * 37) % 90),
    facts: [
      "ceo",
      "4 experts",
      `${(6000 + 211 * n).toLocaleString("en-US")} tokens`,
      "score 1",
      `m1-32b${payload}`,
    ],
    lastReply: `The powers of 7 repeat, so only the exponent's remainder counts.\nAnswer: ${(n * 37) % 90}${payload}`,
    rejection: rejection && { ...rejection, detail: `${rejection.detail}${payload}` },
  });
  return {
    manifest: {
      version: 1,
      inputs: "3f1c2a9b77d01e55",
      source: {
        kind: "traces",
        from: "the local store",
        projects: ["night-1"],
        benchmark: "math500",
        since: null,
        first: "2026-01-03T20:00:00Z",
        last: "2026-01-04T06:12:00Z",
      },
      settings: {},
      read: 600,
      kept,
      yield: wilson(kept, 600),
      funnel: funnel.steps(),
      benchmarks: {
        checked: [
          { benchmark: "math500", items: 500, whole: true },
          { benchmark: "aime2024", items: 12, whole: false },
        ],
        unchecked: [{ benchmark: "gpqa-diamond", why: `It cannot be fetched without a token.${payload}` }],
        flagged: 4,
      },
      difficulty: { known: 120, unknown: kept - 120 },
      rows: { train: kept - 30, validation: 30 },
      problems: { train: 201, validation: 22 },
      models: [`m1-32b${payload}`],
      licences: ["MIT"],
      files: {},
    },
    kept: Array.from({ length: 20 }, (_, n) => excerpt(n, null)),
    rejected: Array.from({ length: 20 }, (_, n) => excerpt(100 + n, rejections[n % rejections.length]![1])),
  };
}
