import type { TestProject } from "vitest/node";
import { findChromium } from "../../scripts/lib/browser.mjs";
import { buildPage, servePage } from "../../scripts/lib/page.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the built page, with a slash at its end. */
    pageUrl: string;
    /** Path of the Chromium to drive. */
    chromium: string;
  }
}

/** Before the end-to-end tests: builds the page, serves it on a free port and finds the browser. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const chromium = await findChromium();
  if (!chromium) throw new Error("no Chromium: install chromium, or run npx playwright-core install chromium");
  await buildPage();
  const server = await servePage(0);
  project.provide("pageUrl", server.url);
  project.provide("chromium", chromium);
  return server.close;
}
