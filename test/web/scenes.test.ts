import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launch, seriousFindings, watched } from "./browser.ts";
import { sideways } from "./open-file.ts";
import { type Scene, scenes } from "./scenes.ts";

describe.skipIf(!chromiumPath)(`in a browser (${chromiumPath ?? "no Chromium here: not checked"})`, () => {
  let browser: Browser;
  let all: Scene[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    browser = await launch();
    ({ scenes: all, close } = await scenes());
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await close();
  });

  test.each([
    [1440, 900],
    [390, 844],
  ])(
    "%i pixels wide, every page fits, is free of serious findings of axe in both colour schemes, and asks nobody else",
    async (width, height) => {
      for (const { name, url, act, asksInVain } of all) {
        const page = await browser.newPage({ viewport: { width, height }, reducedMotion: "reduce" });
        const misdeeds = watched(page, url.startsWith("file:") ? url : new URL(url).origin);
        await page.goto(url);
        if (act) await act(page);
        else await page.waitForLoadState("networkidle");
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await seriousFindings(page), `${name}, ${width} pixels, ${colorScheme}`).toEqual([]);
        }
        expect(await sideways(page), `${name}, ${width} pixels`).toBe(0);
        if (!asksInVain) expect(misdeeds, name).toEqual([]);
        await page.close();
      }
    },
    300_000,
  );
});
