import type { Browser, Page } from "playwright-core";
import { watched } from "./browser.ts";

export interface View {
  width: number;
  colorScheme: "light" | "dark";
}
export const views: View[] = [1440, 390].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

/** Opens a file's address; `misdeeds` are errors, and requests for anything but the file itself. */
export async function openFile(
  browser: Browser,
  url: string,
  { width = 1440, colorScheme = "light" }: Partial<View> = {},
): Promise<{ page: Page; misdeeds: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const misdeeds = watched(page, url.replace(/#.*/, ""));
  await page.goto(url);
  return { page, misdeeds };
}

/** Pixels by which the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
