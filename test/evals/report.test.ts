import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { itemsOf } from "../../evals/report/items.ts";
import type { Item, ItemRecord, ReportData } from "../../evals/report/report-data.ts";
import { reportHtml } from "../../evals/report/report-html.ts";
import { writeReport } from "../../evals/report/write.ts";
import { webPage } from "../../files/web-page.ts";
import { packageRoot } from "../../paths.ts";
import { PAYLOAD } from "../web/payload.ts";
import { sample } from "./report-sample.ts";

const { summary, rows, steps } = sample({ items: 30, repeats: 2 });
const page = reportHtml(summary, rows, steps);
const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dataOf = (html: string): ReportData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!);
const unpack = (packed: string): ItemRecord =>
  JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString());
const recordIn = (html: string, { record }: Item): ItemRecord =>
  unpack(new RegExp(`<script type="text/plain" id="${record}">(.*?)</script>`).exec(html)![1]!);
const count = (text: string, part: RegExp) => text.match(part)?.length ?? 0;

test("nothing is fetched: no address in the markup, and a policy that lets only the page's own script run", () => {
  const script = /<script type="module" async>(.*?)<\/script>/s.exec(page)![1]!;
  const digest = createHash("sha256").update(script).digest("base64");
  expect(/Content-Security-Policy" content="([^"]*)"/.exec(page)![1]).toBe(
    `default-src 'none'; script-src 'sha256-${digest}'; style-src 'unsafe-inline'; img-src data:`,
  );
  const markup = page.replace(/<(script|style)\b.*?<\/\1>/gs, "");
  expect(markup.match(/\b(src|href|srcset|action)="(?!data:)/g)).toBeNull();
  expect(/<style>(.*?)<\/style>/s.exec(page)![1]).not.toMatch(/https?:|url\(|@import/);
});

test("without its data the page weighs less than 600 kB", () => {
  const built = readFileSync(join(packageRoot, "dist", "web", "report.html"));
  expect(built.length).toBeLessThan(600_000);
});

test("texts of models and users never become markup, and come back whole from the data", {
  tags: ["attack:quoting"],
}, () => {
  const hostile = sample({ items: 4, repeats: 1, payload: PAYLOAD });
  const html = reportHtml(hostile.summary, hostile.rows, hostile.steps);
  const tame = sample({ items: 4, repeats: 1 });
  const usual = reportHtml(tame.summary, tame.rows, tame.steps);
  for (const sign of [/<script\b/g, /<\/script/g, /<img/g, /<!--/g])
    expect(count(html, sign), `${sign}`).toBe(count(usual, sign));
  expect(html).not.toMatch(/[\u2028\u2029]/);
  const data = dataOf(html);
  expect(data.summary.benchmark).toBe(hostile.summary.benchmark);
  const { task, runs } = recordIn(html, data.items[0]!);
  expect(task!.question).toContain(PAYLOAD);
  expect(runs[0]!.record!.transcript[0]!.text).toContain(PAYLOAD);
});

test("every run of every item is in the page, with its steps, its record, and its task once", () => {
  const { items } = dataOf(page);
  expect(items.map(({ id }) => id)).toEqual([...new Set(rows.map(({ id }) => id))]);
  const { task, gold, runs } = recordIn(page, items[3]!);
  expect(task!.choices).toHaveLength(4);
  expect("ABCD").toContain(gold);
  const named = ["ceo", "team", "vote", "solo"].flatMap((mode) => [`${mode} 0`, `${mode} 1`]);
  expect(runs.map(({ mode, repeat }) => `${mode} ${repeat}`)).toEqual(named);
  expect(items[3]!.runs.map(({ mode, repeat }) => `${mode} ${repeat}`)).toEqual(named);
  expect(runs[0]!.record).not.toHaveProperty("task");
  const own = steps.filter(({ id, mode, repeat }) => id === task!.id && mode === "ceo" && repeat === 0);
  expect(runs[0]!.steps.map(({ tokens }) => tokens)).toEqual(own.map(({ tokens }) => tokens));
});

test("a row without its discussion, from another program, says what it can", () => {
  const { record: _, ...bare } = rows[1]!;
  const { task, runs } = unpack(itemsOf([bare], []).records.get("record-0")!);
  expect([task, runs[0]!.record, runs[0]!.answer]).toEqual([null, null, bare.answer]);
});

test("records beyond the limit are left out: one of an agreed item is kept only where none of a disputed one would fit", () => {
  const whole = itemsOf(rows, steps).records;
  const bytes = (records: Map<string, string>) =>
    [...records.values()].reduce((sum, packed) => sum + packed.length, 0);
  const limit = bytes(whole) / 2;
  const { items: half, records } = itemsOf(rows, steps, limit);
  expect(bytes(records)).toBeLessThanOrEqual(limit);
  expect(bytes(records)).toBeGreaterThan(limit * 0.8);
  expect(half.flatMap(({ record }) => record ?? []).sort()).toEqual([...records.keys()].sort());
  expect(half).toHaveLength(whole.size);
  const agreed = ({ runs }: Item) => new Set(runs.map(({ score }) => score)).size === 1;
  const sizes = (of: (item: Item) => boolean) =>
    half.flatMap((item, at) => (of(item) ? [whole.get(`record-${at}`)!.length] : []));
  const disputedLeft = sizes((item) => !agreed(item) && item.record === null);
  const agreedKept = sizes((item) => agreed(item) && item.record !== null);
  expect(disputedLeft.length).toBeGreaterThan(0);
  expect(agreedKept.length).toBeLessThan(half.filter(agreed).length);
  for (const size of agreedKept) expect(size).toBeLessThan(Math.min(...disputedLeft));
});

test("a key in a row is in no part of the page, packed or not", { tags: ["attack:redaction"] }, () => {
  const key = `hf_${"aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1b".slice(0, 34)}`;
  const leaky = { ...rows[0]!, answer: key, record: { ...rows[0]!.record!, answer: key } };
  writeFileSync(join(folder, "results.jsonl"), `${JSON.stringify(leaky)}\n`);
  writeReport({ out: folder, benchmark: "gpqa-diamond", origin: "samples", planned: 1, compare: [] });
  const html = readFileSync(join(folder, "report.html"), "utf8");
  expect(html).not.toContain(key);
  const { runs } = recordIn(html, dataOf(html).items[0]!);
  expect(runs[0]!.record!.answer).toBe("[key]");
  expect(JSON.stringify(runs)).not.toContain(key);
});

test("where the pages are not built, one sentence says what to do", () => {
  expect(() => webPage("report", {}, new Map(), join(folder, "nowhere"))).toThrow(
    /^the report page cannot be written: .* Run "npm run build" and then the same command again; nothing is lost\.$/,
  );
});
