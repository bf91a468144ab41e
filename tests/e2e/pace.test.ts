import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../setup/browser";
import { type App, openTab, PATIENCE, withoutWebgpu } from "./drive";
import { longShare, mainThreadText, watchMainThread } from "./main-thread";

const KILOBYTE = 1000;
const WINDOW = { viewport: { width: 1440, height: 900 } };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it("downloads at most 200 KB of compressed JavaScript of its own before Start", async () => {
  const fetched = new Set<string>();
  const page = await openTab(await browser.newContext(WINDOW), "", async (page) =>
    page.on("request", (request) => fetched.add(new URL(request.url()).pathname)),
  );
  await page.getByText("the processor stands in").waitFor({ timeout: PATIENCE });
  const scripts = [...fetched].filter((path) => path.startsWith("/assets/") && path.endsWith(".js"));
  const size = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(`dist/app${path}`)).byteLength, 0);
  console.log(`JavaScript before Start: ${(size / KILOBYTE).toFixed(0)} KB compressed in ${scripts.length} files`);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  console.log(`first paint after ${Math.round(paint)} ms`);
  expect(paint).toBeLessThan(1000);
  // The page, its worker and the Python worker at least: a list that misses one measures nothing.
  expect(scripts.length).toBeGreaterThan(1);
  expect(size).toBeLessThan(200 * KILOBYTE);
  await page.context().close();
});

it("keeps the main thread free while the shipped run plays, and keeps its pace", async () => {
  const page = await openTab(await browser.newContext(WINDOW), "", withoutWebgpu);
  await page.getByRole("button", { name: "Watch a recorded run" }).click();
  await page.getByRole("slider").waitFor();
  const clock = () => page.evaluate(() => (document.querySelector("kelvin-app") as App).store.run.ms);
  const from = await clock();
  const end = await watchMainThread(page);
  await page.waitForTimeout(30_000);
  const watched = await end();
  const played = (await clock()) - from;
  const elapsed = watched.milliseconds;
  console.log(`the shipped run at 10×, ${(played / 1000).toFixed(0)} s of it played: ${mainThreadText(watched)}`);
  expect(longShare(watched)).toBeLessThan(0.01);
  // An evaluation has no events while it lasts, so the latest event may lie some seconds back.
  expect(played / elapsed).toBeGreaterThan(6);
  expect(played / elapsed).toBeLessThan(11.5);
  await page.context().close();
});
