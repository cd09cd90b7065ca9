import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportHtml } from "../../evals/report/report-html.ts";
import { sample } from "../evals/report-sample.ts";
import { atRest } from "./at-rest.ts";
import { chromiumPath, launch, seriousFindings } from "./browser.ts";
import { openFile, sideways, views } from "./open-file.ts";
import { PAYLOAD } from "./payload.ts";

const { summary, rows, steps } = sample({ items: 30, repeats: 2 });
const html = reportHtml(summary, rows, steps);

/** Scrolls to the items, and unfolds the one of this id. */
async function openItem(page: Page, id: string): Promise<void> {
  await page.locator("#items").scrollIntoViewIfNeeded();
  await unfold(page, page.locator(".item-head", { hasText: id }));
}

/** Unfolds an item of this id, and the first of its runs. */
async function openRun(page: Page, id: string): Promise<void> {
  await openItem(page, id);
  await unfold(page, page.locator(".rollout-head").first());
  await page.locator(".run").waitFor();
}

async function unfold(page: Page, head: Locator): Promise<void> {
  await head.scrollIntoViewIfNeeded();
  await atRest(page, ".items");
  await head.click();
}

describe.skipIf(!chromiumPath)(
  `in a browser (${chromiumPath ?? "no Chromium here: not checked"})`,
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "report-page-"));
    let browser: Browser;
    const file = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return pathToFileURL(path).href;
    };
    const textOf = async (name: string, text: string) => {
      const { page, misdeeds } = await openFile(browser, file(name, text));
      const shown = (await page.locator("main").innerText()).replace(/\s+/g, " ");
      expect(misdeeds).toEqual([]);
      await page.close();
      return shown;
    };
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the page shows the summary's numbers with their intervals", async () => {
      const shown = await textOf("page.html", html);
      const ceo = summary.modes.find(({ mode }) => mode === "ceo")!;
      const percent = (share: number) => (100 * share).toFixed(1);
      expect(shown).toContain(
        `ceo ${percent(ceo.score.mean)} ${percent(ceo.score.low)}–${percent(ceo.score.high)}`,
      );
      expect(shown).toContain(`+${percent(ceo.toSolo!.mean)}`);
      expect(shown).toContain(`${Math.round(ceo.tokens.mean).toLocaleString("en-US")} of 16,000`);
      expect(shown).toContain("7 abstentions, 1 error");
      expect(shown).toContain("pass@2");
      expect(shown).toContain("ECE 0.094 · AUROC 0.66");
      for (const note of summary.notes) expect(shown).toContain(note);
    });

    test("curves carry the caption that a run given less would have planned differently, and tell our runs from published figures", async () => {
      const shown = await textOf("page.html", html);
      expect(shown).toMatch(
        /had runs that planned for 16,000 tokens been interrupted there\. A run given fewer tokens would have planned differently/,
      );
      expect(shown).toContain("real run ceo at 8,000 tokens: 58.0");
      expect(shown).toContain("published M1-32B with CEO (paper, table 1): 62.1");
      const withoutMarks = await textOf("unmarked.html", reportHtml({ ...summary, marks: [] }, rows, steps));
      expect(withoutMarks).not.toContain("published");
    });

    test("each chart says in words what it shows, and its numbers stand in a table", async () => {
      const { page } = await openFile(browser, file("page.html", html));
      const charts = page.getByRole("img", { name: /./ }).and(page.locator(".chart svg"));
      expect(await charts.count()).toBe(1 + 2 + 2);
      expect(await charts.first().getAttribute("aria-label")).toMatch(
        /^Score in percent over tokens\. ceo ends at \d+\.\d with 16,000 tokens/,
      );
      const curves = page.locator("#anytime .as-table");
      await curves.locator("summary").click();
      expect(await curves.getByRole("row").last().innerText()).toMatch(
        /^16,000\s+\d+\.\d \(\d+\.\d–\d+\.\d\)/,
      );
      await page.close();
    });

    test("what a summary does not have leaves no empty section", async () => {
      const bare = {
        ...summary,
        positions: null,
        reliability: [],
        anytime: [],
        marks: [],
        notes: [],
        modes: summary.modes.map((mode) => ({ ...mode, repeats: 1, passAt: null, toSolo: null })),
      };
      const { page } = await openFile(browser, file("bare.html", reportHtml(bare, [], [])));
      const sections = await page.locator("section").evaluateAll((nodes) => nodes.map(({ id }) => id));
      expect(sections).toEqual(["modes", "items"]);
      expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|Infinity/);
      await page.close();
    });

    test("items are narrowed by a filter and by words, and only those in sight are in the document", async () => {
      const { page, misdeeds } = await openFile(browser, file("page.html", html));
      await page.locator("#items").scrollIntoViewIfNeeded();
      await page.getByRole("button", { name: "Unanswered" }).click();
      const unanswered = new Set(rows.filter(({ answer }) => answer === null).map(({ id }) => id));
      await expect.poll(() => page.getByRole("status").innerText()).toBe(`${unanswered.size} of 30 items`);
      await expect.poll(() => page.locator(".item .id").allInnerTexts()).toEqual([...unanswered]);
      await page.getByRole("button", { name: /^All/ }).click();
      await page.getByLabel("Find items").fill("GPQA/017");
      await expect.poll(() => page.locator(".item .id").allInnerTexts()).toEqual(["gpqa/017"]);
      await page.getByLabel("Find items").fill("nothing of the kind");
      await expect.poll(() => page.getByRole("status").innerText()).toBe("0 of 30 items");
      expect(misdeeds).toEqual([]);
      await page.close();
    });

    test("a run shows who said what, what was asked and applied, verdicts, and what it spent where", async () => {
      const { page, misdeeds } = await openFile(browser, file("page.html", html));
      await openRun(page, "gpqa/003");
      const run = (await page.locator(".run").innerText()).replace(/\s+/g, " ");
      const own = steps.filter(({ id, mode, repeat }) => id === "gpqa/003" && mode === "ceo" && repeat === 0);
      expect(run).toContain("recruit: 4 experts, critique, 2 rounds, 1,024 tokens each");
      expect(run).toContain("asked for recruit: 6 experts");
      expect(run).toMatch(/Blaise criticises (agrees|objects)/);
      expect(run).toMatch(/evaluator (accepts|rejects): Check the units\./);
      expect(run).toContain(`Ledger: ${own.at(-1)!.tokens.toLocaleString("en-US")} of 16,000 tokens`);
      const bars = await page
        .locator(".ledger .bars")
        .evaluateAll((cells) =>
          cells.map((cell) => [...cell.children].map((bar) => bar.getBoundingClientRect().width)),
        );
      const ends = bars.map(([before, spent]) => before! + spent!);
      for (const [at, [before]] of bars.slice(1).entries()) expect(before).toBeCloseTo(ends[at]!, 0);
      expect(misdeeds).toEqual([]);
      await page.close();
    });

    test("a link opens its item, and an item that is opened becomes the page's address", async () => {
      const url = file("page.html", html);
      const { page } = await openFile(browser, `${url}#item/gpqa%2F020`);
      await page.locator(".item[open] .task").waitFor();
      await expect.poll(() => page.locator(".item[open] .id").innerText()).toBe("gpqa/020");
      await expect.poll(() => page.locator(".item[open] .rollout").count()).toBe(8);
      expect(
        await page.locator(".item[open]").evaluate((item) => item.getBoundingClientRect().top),
      ).toBeLessThan(900);
      await unfold(page, page.locator(".item-head", { hasText: "gpqa/021" }));
      await expect.poll(() => page.evaluate("location.hash")).toBe("#item/gpqa%2F021");
      await page.close();
    });

    test("what is left out of the page is said, on top and at its item", async () => {
      const small = file("small.html", reportHtml(summary, rows, steps, 20_000));
      const { page } = await openFile(browser, small);
      await expect
        .poll(() => page.locator(".left-out").innerText())
        .toMatch(/the discussions of \d+ of 30 items were left out/);
      const agreed = rows.find(({ id }) => rows.every((row) => row.id !== id || row.score === 1))!.id;
      await openItem(page, agreed);
      await expect
        .poll(() => page.locator(".item[open] .item-body").innerText())
        .toMatch(/were left out of this page; results.jsonl has them/);
      expect(await textOf("page.html", html)).not.toContain("left out");
      await page.close();
    });

    test.each(views)(
      "$width pixels, $colorScheme: it fits, and axe finds nothing serious",
      async (view) => {
        const { page, misdeeds } = await openFile(browser, file("page.html", html), view);
        await openRun(page, "gpqa/001");
        expect(await sideways(page)).toBe(0);
        expect(await seriousFindings(page)).toEqual([]);
        expect(misdeeds).toEqual([]);
        await page.close();
      },
      60_000,
    );

    test("what models and users wrote stays text even without the policy", {
      tags: ["attack:quoting"],
    }, async () => {
      const hostile = sample({ items: 4, repeats: 1, payload: PAYLOAD });
      const attacked = reportHtml(hostile.summary, hostile.rows, hostile.steps);
      const unguarded = attacked.replace(/<meta http-equiv[^>]*>/, "");
      const { page, misdeeds } = await openFile(browser, file("hostile.html", unguarded), { width: 390 });
      await openRun(page, "gpqa/001");
      expect(await page.title()).toContain("gpqa-diamond</script><img");
      await expect.poll(() => page.locator("img").count()).toBe(0);
      await expect.poll(() => page.locator(".run").innerText()).toContain("broken out");
      expect(await sideways(page)).toBe(0);
      expect(misdeeds).toEqual([]);
      await page.close();
    });
  },
);
