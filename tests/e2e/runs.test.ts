import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readRecording } from "../../src/telemetry/replay";
import { launchBrowser } from "../setup/browser";

const pageUrl = inject("pageUrl");
/** Software adapters are slow, and other work may share the processor. */
const PATIENCE = 240_000;
/** Three steps of very few samples and no evaluation: what is tested is what is kept, not what is learned. */
const TINY = "?preset=small&seed=3&steps=3&evaluate=0&set.proposals=4&set.solverTasks=4&set.freshTasks=2";

type App = HTMLElementTagNameMap["kelvin-app"];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function openPage(context: BrowserContext, query: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(new URL(query, pageUrl).href);
  return page;
}

/** Starts the run of the link from the Start view. */
async function start(page: Page): Promise<void> {
  const button = page.locator("kelvin-start-view").getByRole("button", { name: "Start", exact: true });
  await button.click({ timeout: PATIENCE });
}

async function waitForSteps(page: Page, steps: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => (document.querySelector("kelvin-app") as App).store.run.history.length >= wanted,
    steps,
    { timeout: PATIENCE },
  );
}

async function waitForEnd(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("kelvin-app") as App).store.ended, null, {
    timeout: PATIENCE,
  });
}

/** The log of the only run kept, without the times that differ between equal runs. */
async function keptEvents(page: Page): Promise<unknown[]> {
  const text = await page.evaluate(async () => {
    const { library } = (document.querySelector("kelvin-app") as App).store;
    let [run] = (await library?.list()) ?? [];
    // The page hears of the run's end before the last line is on the device.
    for (; run?.busy; [run] = (await library?.list()) ?? []) await new Promise((resolve) => setTimeout(resolve, 100));
    return run ? ((await (await library?.log(run.id))?.text()) ?? "") : "";
  });
  return readRecording(text).map((event) => {
    const { ms: _, timings: __, ...rest } = event as unknown as Record<string, unknown>;
    return rest;
  });
}

describe("kept runs", () => {
  it("goes on after a reload as if nothing had happened", { timeout: 3 * PATIENCE }, async () => {
    const whole = await browser.newContext();
    const uninterrupted = await openPage(whole, TINY);
    await start(uninterrupted);
    await waitForEnd(uninterrupted);
    const expected = await keptEvents(uninterrupted);
    await whole.close();

    const context = await browser.newContext();
    const page = await openPage(context, TINY);
    await start(page);
    await waitForSteps(page, 1);
    const pressed = Date.now();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    console.log(`paused after ${Date.now() - pressed} ms`);
    await page.waitForFunction(
      () => ((document.querySelector("kelvin-app") as App).store.session.kept?.step ?? 0) >= 1,
    );
    await page.goto(new URL("?view=runs", pageUrl).href);
    await page.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    await waitForEnd(page);
    const resumed = await keptEvents(page);
    expect(resumed.length).toBe(expected.length);
    expect(resumed).toEqual(expected);
    await context.close();
  });
});
