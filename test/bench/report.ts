import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { reportHtml } from "../../evals/report/report-html.ts";
import { sample } from "../evals/report-sample.ts";
import { chromiumPath, launch } from "../web/browser.ts";

const ITEMS = Number(process.env.BENCH_ITEMS ?? 2000);
const LOADS = 5;

const firstPaint = `new Promise((done) =>
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) done(paint.startTime);
  }).observe({ type: "paint", buffered: true }))`;

/** Notes in `marks`, for every event of these kinds, the milliseconds from its making to the frame that shows it. */
const watching = `
globalThis.marks = [];
for (const kind of ["input", "click"])
  addEventListener(kind, ({ timeStamp }) =>
    requestAnimationFrame(() => setTimeout(() => marks.push(performance.now() - timeStamp))), true);
`;
/** Scrolls down by 400 pixels a frame, and gives the milliseconds that each frame took. */
const scrolled = `new Promise((done) => {
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scrollBy(0, 400);
    if (frames.length < 200) requestAnimationFrame(step);
    else done(frames.slice(1));
  };
  requestAnimationFrame(step);
})`;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const most = (values: number[]) => Math.max(...values);

/** A report of 2,000 items in four modes: what it weighs, and how long a reader waits for it in a headless browser. */
export default async function report(): Promise<void> {
  const figures: Record<string, string> = {};
  const { summary, rows, steps } = sample({ items: ITEMS, repeats: 1 });
  const began = performance.now();
  const html = reportHtml(summary, rows, steps);
  figures["written in, s"] = ((performance.now() - began) / 1000).toFixed(1);
  figures["weight, MB"] = (Buffer.byteLength(html) / 1e6).toFixed(1);
  figures["rows and steps as JSON, MB"] = (
    (JSON.stringify(rows).length + JSON.stringify(steps).length) /
    1e6
  ).toFixed(1);
  if (chromiumPath) Object.assign(figures, await inBrowser(html));
  else console.log("no Chromium here: only the weight is measured");
  console.table(figures);
}

async function inBrowser(html: string): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  const file = join(folder, "report.html");
  writeFileSync(file, html);
  const browser = await launch();
  try {
    const paints: number[] = [];
    for (let load = 0; load < LOADS; load++) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(file).href);
      paints.push(await page.evaluate(firstPaint));
      await page.close();
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(watching);
    await page.locator("#items").scrollIntoViewIfNeeded();
    const clicks = await measured(page, async () => {
      for (const name of ["Modes disagree", "Wrong", "Unanswered", "All"])
        await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    });
    const keys = await measured(page, () => page.getByLabel("Find items").pressSequentially("gpqa/19"));
    const opened = await measured(page, () => page.locator(".item-head").first().click());
    await page.getByLabel("Find items").fill("");
    const frames: number[] = await page.evaluate(scrolled);
    return {
      [`first paint, median of ${LOADS}, ms`]: median(paints).toFixed(0),
      "filter chosen to painted, slowest of 4, ms": most(clicks).toFixed(0),
      "key to painted, slowest of 7, ms": most(keys).toFixed(0),
      "item opened to painted, ms": most(opened).toFixed(0),
      "frame while scrolling, median, ms": median(frames).toFixed(1),
      "frame while scrolling, slowest of 199, ms": most(frames).toFixed(0),
    };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The milliseconds to the next frame of every event that `act` leads to. */
async function measured(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate("marks.length = 0");
  await act();
  await page.waitForTimeout(500);
  return page.evaluate("marks");
}
