/**
 * Makes the pictures of the pages anew: `npx tsx test/web/pictures.ts` those in docs/, with a folder as argument every
 * scene at two widths, light and dark. What models say is scripted. Needs Chromium on the path.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { packageRoot } from "../../paths.ts";
import { launch, seriousFindings, watched } from "./browser.ts";
import { sideways, type View, views } from "./open-file.ts";
import { type Scene, scenes } from "./scenes.ts";

/** Scenes in docs/, by the name of their picture. */
const inDocs: Record<string, string> = {
  "page-run": "run-done",
  "page-pause": "pause-decision",
  "page-compare": "compare",
};

const [folder, wanted] = process.argv.slice(2);
const { scenes: all, close } = await scenes();
const browser = await launch();
try {
  if (folder) {
    mkdirSync(folder, { recursive: true });
    for (const scene of all.filter(({ name }) => !wanted || name.startsWith(wanted)))
      for (const view of views)
        await shoot(
          browser,
          scene,
          view,
          join(folder, `${scene.name}-${view.width}-${view.colorScheme}.png`),
        );
  } else
    for (const [picture, name] of Object.entries(inDocs))
      await shoot(
        browser,
        all.find((scene) => scene.name === name)!,
        { width: 1440, colorScheme: "light" },
        join(packageRoot, "docs", `${picture}.png`),
      );
} finally {
  await browser.close();
  await close();
}

async function shoot(browser: Browser, { name, url, act }: Scene, view: View, path: string): Promise<void> {
  const { width, colorScheme } = view;
  const page = await browser.newPage({
    viewport: { width, height: width < 1000 ? 844 : 900 },
    colorScheme,
    reducedMotion: "reduce",
  });
  const misdeeds = watched(page, new URL(url).origin === "null" ? url : new URL(url).origin);
  await page.goto(url);
  await act?.(page).catch((error: Error) => console.error(`${name}: ${error.message}`));
  await page.waitForTimeout(300);
  await page.screenshot({ path, fullPage: !folder });
  const found = folder ? await seriousFindings(page) : [];
  const wide = await sideways(page);
  for (const problem of [...misdeeds, ...found, ...(wide > 0 ? [`${wide} px too wide`] : [])])
    console.error(`${name}, ${width}, ${colorScheme}: ${problem}`);
  await page.close();
}
