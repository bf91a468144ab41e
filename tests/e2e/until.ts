import type { Page } from "playwright-core";

const PAUSE_MS = 50;

/**
 * Waits until something is true in the page. Playwright's own `waitForFunction` evaluates text in the page, which the page's policy
 * refuses.
 * @throws Error after `timeout` milliseconds
 */
export async function until<T>(page: Page, holds: (value: T) => unknown, value: T, timeout = 30_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await page.evaluate(`!!(${holds})(${JSON.stringify(value)})`))) {
    if (performance.now() > end) throw new Error(`not so within ${timeout} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
