import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { launchBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { openTab, PATIENCE, slide, withoutWebgpu } from "./drive";
import { longShare, type MainThread, mainThreadText, watchMainThread } from "./main-thread";

const folder = mkdtempSync(join(tmpdir(), "kelvin-log-"));
const path = join(folder, "events.jsonl");
/** As large as the log of sixty steps of the full recipe. */
const SCRIPT = { seed: 5, steps: 60, proposals: 32, rollouts: 6 };

let browser: Browser;
beforeAll(async () => {
  const lines = [...scriptedRun(SCRIPT)].map((event) => logLine(event) ?? "");
  writeFileSync(path, lines.join(""));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const all: MainThread[] = [];

/** Does something to a page and says how free its main thread was meanwhile. */
async function watched(page: Page, what: string, work: () => Promise<unknown>): Promise<void> {
  const end = await watchMainThread(page);
  await work();
  const thread = await end();
  console.log(`${what}: ${(thread.milliseconds / 1000).toFixed(1)} s, ${mainThreadText(thread)}`);
  all.push(thread);
}

describe("a log of 30 MB", () => {
  it("is opened, moved about in, brought in and replayed while the page goes on", { timeout: PATIENCE }, async () => {
    const megabytes = statSync(path).size / 1e6;
    console.log(`the log has ${megabytes.toFixed(0)} MB`);
    expect(megabytes).toBeGreaterThan(30);
    const context = await browser.newContext();
    const page = await openTab(context, "", withoutWebgpu);
    await page.getByRole("button", { name: /^Watch a recorded run/ }).waitFor();
    const bar = page.getByRole("region", { name: "Recorded run" });
    await watched(page, "opening it", async () => {
      await page.locator("kelvin-start-view input[type=file]").setInputFiles(path);
      await bar.waitFor({ timeout: PATIENCE });
    });
    await watched(page, "moving to its end and playing from its middle", async () => {
      await slide(bar.getByRole("slider"), 60);
      await page.getByText("60 of 60", { exact: true }).waitFor();
      await slide(bar.getByRole("slider"), 30);
      await page.waitForTimeout(3000);
    });
    await page.getByRole("button", { name: "Close the recording" }).click();
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByText("No run is kept yet.").waitFor();
    await watched(page, "bringing it in", async () => {
      await page.locator("kelvin-runs-view input[type=file]").setInputFiles(path);
      await page.getByText("60 of 60 steps, a recording").waitFor({ timeout: PATIENCE });
    });
    await watched(page, "replaying it from Runs", async () => {
      await page.getByRole("button", { name: "Replay" }).click();
      await bar.waitFor({ timeout: PATIENCE });
      await page.waitForTimeout(2000);
    });
    const long = all.flatMap((thread) => thread.long);
    const short = all.reduce((sum, thread) => sum + thread.short, 0);
    expect(longShare({ long, short, milliseconds: 0 })).toBeLessThan(0.01);
    // Read or rebuilt in one piece, such a log holds the page for seconds.
    expect(Math.max(0, ...long)).toBeLessThan(300);
    await context.close();
  });
});
