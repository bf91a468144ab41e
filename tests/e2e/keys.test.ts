import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { type App, holdRecording, openTab, withoutWebgpu } from "./drive";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await sharedBrowser();
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, reducedMotion: "reduce" });
  page = await openTab(context, "", withoutWebgpu);
  await holdRecording(page);
});
afterAll(leaveBrowser);

/** Shortcuts and the browser's own keys, none of them meant for the run or the rail. */
const TYPED = " 1f?";
const motion = () => page.evaluate(() => (document.querySelector("kelvin-app") as App).store.session.motion);
const lit = () => page.locator("kelvin-phase-path [aria-current=step]").getAttribute("aria-label");
const isPresenting = () => page.locator("kelvin-presentation").count();
const viewOf = () => new URL(page.url()).searchParams.get("view");

/** What was pressed in vain went on with nothing: the recording rests where it was. */
async function expectNothingMoved(view: string | null): Promise<void> {
  expect(await motion()).toBe("paused");
  expect(viewOf()).toBe(view);
  expect(await isPresenting()).toBe(0);
  expect(await page.getByRole("dialog", { name: "Keys" }).count()).toBe(0);
}

describe("a key pressed elsewhere, with a recording at rest", () => {
  it("is written where Python is written", async () => {
    await page.keyboard.press("2");
    await page.getByRole("button", { name: /^Your tasks/ }).click();
    const editor = page.locator("kelvin-own-task-form .cm-content");
    await editor.fill("x");
    await page.keyboard.press("End");
    await page.keyboard.type(TYPED);
    expect(await editor.textContent()).toBe(`x${TYPED}`);
    await expectNothingMoved("tasks/yours");
  });

  it("scrolls a page of Learn by the space bar", async () => {
    await page.getByRole("link", { name: "Learn" }).click();
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("Space");
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
    await expectNothingMoved("learn");
  });

  it("does nothing behind a dialog, after a press on its text", async () => {
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Play" }).click();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("heading", { name: /^Settings of/ }).click();
    for (const key of TYPED) await page.keyboard.press(key);
    await expectNothingMoved(null);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("is the browser's on Play with Shift; without it the run goes on by one phase", async () => {
    await page.locator("main").focus();
    await page.keyboard.press("Shift+Space");
    await expectNothingMoved(null);
    await page.keyboard.press("Space");
    await expect.poll(lit).toMatch(/^Evaluate/);
    await expect.poll(motion).toBe("paused");
  });

  it("goes on from beside the arithmetic of a number too", async () => {
    await page
      .getByRole("button", { name: /^advantage .* why this number/ })
      .first()
      .click();
    await page.getByRole("dialog", { name: /^Why/ }).waitFor();
    await page.keyboard.press("Space");
    await expect.poll(lit).toMatch(/^Propose/);
  });
});
