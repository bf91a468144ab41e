import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/**
 * Rules of axe that are broken on the page once its colours have settled, with the first element of each. Only Python's frame
 * is of another origin, and it shows nothing: the legacy mode, which leaves such frames out, takes half the time.
 */
export async function violations(page: Page): Promise<string[]> {
  await coloursSettle(page);
  const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
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
  await page.waitForFunction(() => {
    const changes = (root: Document | ShadowRoot): boolean =>
      root.getAnimations().some((animation) => animation instanceof CSSTransition) ||
      [...root.querySelectorAll("*")].some(({ shadowRoot }) => shadowRoot !== null && changes(shadowRoot));
    return !changes(document);
  });
}
