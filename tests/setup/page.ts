import type { TestProject } from "vitest/node";
import { findChromium } from "../../scripts/lib/browser.mjs";
import { buildPage, type PageServer, servePage } from "../../scripts/lib/page.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the built page, with a slash at its end. */
    pageUrl: string;
    /** Path of the Chromium to drive. */
    chromium: string;
  }
}

/** The page that all end-to-end projects of this process share. */
const shared = globalThis as { kelvinPage?: Promise<PageServer> };

/** Before the end-to-end tests: finds the browser, builds the page and serves it on a free port. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const chromium = await findChromium();
  if (!chromium) throw new Error("no Chromium: install chromium, or run npx playwright-core install chromium");
  shared.kelvinPage ??= buildPage().then(() => servePage(0));
  const server = await shared.kelvinPage;
  project.provide("pageUrl", server.url);
  project.provide("chromium", chromium);
  return () => server.close();
}
