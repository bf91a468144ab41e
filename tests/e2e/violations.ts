import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Rules that look at colours; what the others look at is the same in the light and in the dark. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Rules of axe that are broken on the page once its colours have settled, with the first element of each. */
export async function violations(page: Page): Promise<string[]> {
  return brokenRules(page, await builderOf(page), 10);
}

/** What is on screen breaks no rule, in the light and in the dark. */
export async function expectNoViolations(page: Page, where = "here"): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  expect(await violations(page), `${where}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  const colours = (await builderOf(page)).withRules(OF_COLOURS);
  expect(await brokenRules(page, colours, 0), `${where}, dark`).toEqual([]);
}

/** Only Python's frame is of another origin, and it shows nothing: the legacy mode, which leaves such out, takes half the time. */
async function builderOf(page: Page): Promise<AxeBuilder> {
  await page.waitForFunction(() => {
    const changes = (root: Document | ShadowRoot): boolean =>
      root.getAnimations().some((animation) => animation instanceof CSSTransition) ||
      [...root.querySelectorAll("*")].some(({ shadowRoot }) => shadowRoot !== null && changes(shadowRoot));
    return !changes(document);
  });
  return new AxeBuilder({ page }).setLegacyMode(true);
}

/** @param least rules that must have passed: a page that axe did not see breaks none */
async function brokenRules(page: Page, axe: AxeBuilder, least: number): Promise<string[]> {
  const { violations, passes } = await axe.analyze();
  expect(passes.length, page.url()).toBeGreaterThan(least);
  return violations.map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
