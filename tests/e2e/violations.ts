import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type Axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { until } from "./until";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Rules of axe that are broken on the page once its colours have settled, with the first element of each. Frames are left out:
 * Python's is the only one, of another origin, and it shows nothing. axe is loaded into a page once, and told to describe
 * violations only, which takes a quarter of the time.
 */
export async function violations(page: Page): Promise<string[]> {
  await coloursSettle(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const { violations, passes } = await page.evaluate(() =>
    (window as unknown as { axe: typeof Axe }).axe.run(document, { resultTypes: ["violations"], iframes: false }),
  );
  expect(passes.length).toBeGreaterThan(10);
  return violations.map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** What is on screen breaks no rule, in the light and in the dark. */
export async function expectNoViolations(page: Page, where = "here"): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), `${where}, ${colorScheme}`).toEqual([]);
  }
}

/** No transition runs any more, through every shadow root. */
async function coloursSettle(page: Page): Promise<void> {
  await until(
    page,
    () => {
      const changes = (root: Document | ShadowRoot): boolean =>
        root.getAnimations().some((animation) => animation instanceof CSSTransition) ||
        [...root.querySelectorAll("*")].some(({ shadowRoot }) => shadowRoot !== null && changes(shadowRoot));
      return !changes(document);
    },
    null,
  );
}
