import type { Page } from "playwright-core";

/**
 * Waits until a list that keeps only what is in sight is at rest. While it is scrolled, and for 150 ms after, it lets the pointer
 * through (virtua sets `pointer-events: none`); Playwright then finds something else where it would click and scrolls anew,
 * each time to another place, so that the list may never take a click.
 */
export async function atRest(page: Page, list: string): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    let before = "", frames = 0, since = 0;
    const look = () => {
      const shown = document.querySelector(${JSON.stringify(`${list} > div`)});
      const { top, height } = shown.getBoundingClientRect();
      const now = [top, height, getComputedStyle(shown).pointerEvents].join();
      if (now !== before || now.endsWith("none")) [before, frames, since] = [now, 0, performance.now()];
      if (++frames > 5 && performance.now() - since > 200) done();
      else requestAnimationFrame(look);
    };
    look();
  })`);
}
