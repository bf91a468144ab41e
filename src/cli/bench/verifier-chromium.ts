import type { Page } from "playwright-core";
import { inChromium } from "./chromium";
import type { BrowserSpeed } from "./page/worker";
import { medianOf, type Section } from "./section";
import { figuresOf } from "./verifier";

const REPEATS = 3;

/**
 * The same in the jail of a headless Chromium, served by a static host that sends no headers but the type. `npm run bench` builds
 * the page, finds the browser, and passes both in the environment.
 */
export const verifierInChromium: Section = {
  name: "verifier in Chromium",
  measure: () =>
    inChromium([], async ({ browser, address }) => {
      const page = await browser.newPage();
      return medianOf(REPEATS, async () => {
        const speed = await openAndMeasure(page, address);
        return [{ name: "boot", value: speed.bootMilliseconds, unit: "ms" }, ...figuresOf(speed)];
      });
    }),
};

/** Opens a new page each time. */
async function openAndMeasure(page: Page, address: string): Promise<BrowserSpeed> {
  await page.goto(address);
  await page.waitForFunction("globalThis.measure");
  return page.evaluate<BrowserSpeed>("globalThis.measure()");
}
