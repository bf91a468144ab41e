import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { focused, openTab, PATIENCE } from "./drive";
import { violations } from "./violations";

let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await sharedBrowser();
  context = await browser.newContext();
});
afterAll(leaveBrowser);

const present = (query: string, prepare?: (page: Page) => Promise<unknown>) =>
  openTab(context, `?mode=present${query}`, prepare);
const room = (page: Page) => page.locator("kelvin-presentation");
const begin = (page: Page) => room(page).getByRole("button", { name: "Begin" });
const promise = (page: Page) => room(page).getByText("begins, one phase at a time.");
const isStarted = (page: Page) => page.evaluate(() => document.querySelector("kelvin-app")?.store.started);

/** Takes the way on of the note that says so, by keyboard alone. */
async function takeWayOn(page: Page, words: string, way: string): Promise<void> {
  const note = room(page).getByRole("alert").filter({ hasText: words });
  await note.waitFor({ timeout: PATIENCE });
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe(way);
  await page.keyboard.press("Space");
  await note.waitFor({ state: "detached", timeout: PATIENCE });
}

describe("the presentation", () => {
  it.each([
    ["&seed=first", "“seed=first” must be a whole number from 0 to 999999999.", "Use the usual settings"],
    ["&model=https://models.test/x", "This trains a model from models.test.", "Go back to kelvin-nano"],
  ])("says what is wrong with a link, and mends it: %s", { timeout: PATIENCE }, async (query, words, way) => {
    const page = await present(query);
    await room(page).getByRole("alert").filter({ hasText: words }).waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Space");
    expect([await promise(page).count(), await begin(page).isDisabled(), await isStarted(page)]).toEqual([
      0,
      true,
      false,
    ]);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("status").getByText(words).waitFor();
    await takeWayOn(page, words, way);
    await promise(page).waitFor({ timeout: PATIENCE });
    expect(await begin(page).isEnabled()).toBe(true);
    await page.close();
  });

  it("says that a link's recording cannot be played, and begins all the same", { timeout: PATIENCE }, async () => {
    const page = await present("&replay=nowhere");
    await takeWayOn(page, "This link names a recording that cannot be played.", "Put away");
    await promise(page).waitFor({ timeout: PATIENCE });
    expect(await begin(page).isEnabled()).toBe(true);
    await page.close();
  });

  it("promises nothing before the engine is there", { timeout: PATIENCE }, async () => {
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const page = await present("", (opened) =>
      opened.route("**/assets/trainer-*.js", async (route) => {
        await released;
        await route.continue();
      }),
    );
    await room(page).getByText("Loading. R steps through a recorded run.").waitFor({ timeout: PATIENCE });
    expect([await promise(page).count(), await begin(page).isDisabled()]).toEqual([0, true]);
    release();
    await promise(page).waitFor({ timeout: PATIENCE });
    await page.close();
  });

  it("says above a run that a recording could not be had, and stays with the run", { timeout: PATIENCE }, async () => {
    const page = await present("&replay=azr");
    await room(page).getByRole("region", { name: "Task" }).waitFor({ timeout: PATIENCE });
    await page.route("**/runs/**", (route) => route.abort());
    await page.keyboard.press("r");
    await takeWayOn(page, "The recorded run could not be loaded (no network).", "Put away");
    expect(await isStarted(page)).toBe(true);
    await page.close();
  });
});
