import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { focused, openTab, PATIENCE, TINY, waitForEnd } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** Presses Tab until a control of that name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`nothing named ${name} can be reached by Tab`);
}

describe("the keyboard alone", () => {
  it("starts a run, pauses it, steps, visits the views and deletes the run", { timeout: 2 * PATIENCE }, async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    const page = await openTab(context, `${TINY}&steps=12`);
    await page.getByText("the processor stands in").waitFor({ timeout: PATIENCE });

    // The first Tab offers the way past the bar.
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the stage");
    await page.keyboard.press("Enter");
    await tabTo(page, /^Start$/);
    await page.keyboard.press("Enter");
    await page.locator("kelvin-play-stage").waitFor({ timeout: PATIENCE });

    await tabTo(page, /^Pause$/);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Resume" }).waitFor({ timeout: PATIENCE });
    await page.keyboard.press("1");
    await tabTo(page, /^Resume$/);
    await page.keyboard.press("Enter");
    await waitForEnd(page);

    // Digits lead to the views; the browser's back key leads back.
    const runs = (await page.getByRole("navigation", { name: "Views" }).getByRole("link").allTextContents()).findIndex(
      (title) => title.trim() === "Runs",
    );
    await page.keyboard.press(String(runs + 1));
    await page.locator("kelvin-run-row").getByText("12 of 12 steps, finished").waitFor();
    expect(new URL(page.url()).searchParams.get("view")).toBe("runs");
    await tabTo(page, /^More for/);
    await page.keyboard.press("Enter");
    // An open menu takes the focus to its first entry; a key pressed before that is undone by it.
    await expect.poll(() => focused(page)).toBe("Rename");
    // In it a digit looks for an entry.
    await page.keyboard.press("1");
    expect(await focused(page)).toBe("Rename");
    await page.keyboard.press("End");
    await expect.poll(() => focused(page)).toBe("Delete");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Delete this run?" }).waitFor();
    await tabTo(page, /^Delete it$/);
    await page.keyboard.press("Enter");
    await page.getByText("No run is kept yet.").waitFor();
    // Headless Chromium has no key for it.
    await page.goBack();
    await page.locator("kelvin-play-stage").waitFor();
    await context.close();
  });
});
