import type { TestProject } from "vitest/node";
import { findChromium } from "../../scripts/lib/browser.mjs";
import { buildPage, servePage } from "../../scripts/lib/page.mjs";
import { launchChromium } from "./browser";
import { type PythonImages, servePythonImages } from "./python-images";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the built page, with a slash at its end. */
    pageUrl: string;
    /** Path of the Chromium to drive. */
    chromium: string;
    /** What a returning visitor of this page has stored of Python; null if this machine was too busy to make it in time. */
    pythonImages: PythonImages | null;
  }
}

/** Before the end-to-end tests: finds the browser, builds the page, serves it on a free port and visits it once. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const chromium = await findChromium();
  if (!chromium) throw new Error("no Chromium: install chromium, or run npx playwright-core install chromium");
  await buildPage();
  const server = await servePage(0);
  project.provide("pageUrl", server.url);
  project.provide("chromium", chromium);
  const browser = await launchChromium(chromium);
  const images = await servePythonImages(browser, server.url).catch((error: unknown) => {
    console.log(`every test starts Python as a first visitor does: ${error}`);
    return null;
  });
  await browser.close();
  project.provide("pythonImages", images && { key: images.key, url: images.url });
  return async () => {
    images?.close();
    await server.close();
  };
}
