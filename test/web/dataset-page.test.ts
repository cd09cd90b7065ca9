import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageOf } from "../../datasets/curate/page.ts";
import { pageSample } from "../datasets/curate/page-sample.ts";
import { chromiumPath, launch, seriousFindings } from "./browser.ts";
import { openFile, sideways, views } from "./open-file.ts";
import { PAYLOAD } from "./payload.ts";

const sample = pageSample();
const html = pageOf(sample.manifest, sample.kept, sample.rejected);

test("the page of a dataset allows no request, and holds its data so that no text becomes markup", {
  tags: ["attack:quoting"],
}, () => {
  expect(html).toContain("default-src 'none'");
  const hostile = pageSample(PAYLOAD);
  const attacked = pageOf(hostile.manifest, hostile.kept, hostile.rejected);
  for (const sign of [/<script\b/g, /<\/script/g, /<img/g, /<!--/g])
    expect(attacked.match(sign)?.length).toBe(html.match(sign)?.length);
  const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(attacked)![1]!;
  expect(JSON.parse(data).kept).toEqual(hostile.kept);
});

describe.skipIf(!chromiumPath)(
  `in a browser (${chromiumPath ?? "no Chromium here: not checked"})`,
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "dataset-page-"));
    let browser: Browser;
    const page = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return pathToFileURL(file).href;
    };
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("it says what each filter took, with intervals, and what was not checked", async () => {
      const { page: shown } = await openFile(browser, page("page.html", html));
      const text = await shown.locator("main").innerText();
      expect(text).toMatch(/284 of 600 traces kept/);
      expect(text).toMatch(/47\.3 % \(95 %: 43\.4 to 51\.3\)/);
      expect(text).toMatch(/correct\s+351\s+62\.5 58\.4–66\.4\s+−211 wrong answer/);
      expect(text).toMatch(/math500 \(500 items\), aime2024 \(12 items, a part of it\)/);
      expect(text).toMatch(/Not checked: gpqa-diamond\. It cannot be fetched/);
    });

    test("rejected rows are narrowed to a reason, and a solution unfolds", async () => {
      const { page: shown, misdeeds } = await openFile(browser, page("page.html", html));
      await shown.getByRole("button", { name: /correct: wrong answer 4/ }).click();
      await expect.poll(() => shown.locator(".excerpt.rejected").count()).toBe(4);
      expect(await shown.locator(".excerpt.kept").count()).toBe(20);
      await shown.getByText("The last solution").first().click();
      await shown.getByText("The powers of 7 repeat").first().waitFor();
      expect(misdeeds).toEqual([]);
    });

    test.each(views)("$width pixels, $colorScheme: it fits, and axe finds nothing serious", async (view) => {
      const { page: shown, misdeeds } = await openFile(browser, page("page.html", html), view);
      expect(await sideways(shown)).toBe(0);
      expect(await seriousFindings(shown)).toEqual([]);
      expect(misdeeds).toEqual([]);
    });

    test("what others wrote stays text even without the policy", { tags: ["attack:quoting"] }, async () => {
      const hostile = pageSample(PAYLOAD);
      const attacked = pageOf(hostile.manifest, hostile.kept, hostile.rejected);
      const unguarded = attacked.replace(/<meta http-equiv[^>]*>/, "");
      const { page: shown, misdeeds } = await openFile(browser, page("hostile.html", unguarded), {
        width: 390,
      });
      for (const unfold of await shown.getByText("The last solution").all()) await unfold.click();
      expect(await shown.title()).toBe("Curated dataset · Boardroom");
      expect(await shown.locator("img").count()).toBe(0);
      expect(await shown.locator("h4").first().textContent()).toContain(PAYLOAD);
      expect(await sideways(shown)).toBe(0);
      expect(misdeeds).toEqual([]);
    });
  },
);
