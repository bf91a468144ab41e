import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Rules of axe that are broken on the page once its colours have settled, with the first element of each. */
export async function violations(page: Page): Promise<string[]> {
  await page.waitForFunction(() => {
    const changes = (root: Document | ShadowRoot): boolean =>
      root.getAnimations().some((animation) => animation instanceof CSSTransition) ||
      [...root.querySelectorAll("*")].some(({ shadowRoot }) => shadowRoot !== null && changes(shadowRoot));
    return !changes(document);
  });
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
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
