import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecording } from "../../src/telemetry/replay";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { type App, errorsOf, keptLog, openTab, PATIENCE, start, waitForEnd } from "./drive";
import { expectNoViolations } from "./violations";

const FEW = "set.choices=3&set.candidates=16&set.proposals=2&set.samples=2&evaluate=4";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

describe("a visitor who is the judge", () => {
  it("chooses by key or button, is told what was expected, and may leave; the choices are in the log", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    const page = await openTab(context, `?method=rlhf&preset=you&seed=3&steps=1&${FEW}`);
    const errors = errorsOf(page);
    const panel = page.locator("kelvin-choice-panel");
    const asks = (place: number) => panel.getByText(`${place} of 3`, { exact: true }).waitFor({ timeout: PATIENCE });
    await start(page);
    await asks(1);
    await expectNoViolations(page, "choice");
    await page.setViewportSize({ width: 360, height: 780 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.setViewportSize({ width: 1280, height: 800 });
    // A visitor who leaves now leaves nothing behind that waits: the next run asks again.
    await page.getByRole("button", { name: "Reset" }).click();
    await start(page);
    await asks(1);
    expect(await panel.getByText(/^The reward model/).count()).toBe(0);
    await page.keyboard.press("ArrowRight");
    await asks(2);
    await panel.getByText(/^The reward model (expects the (left|right) one: \d+ %|cannot tell)\.$/).waitFor();
    await panel.getByRole("button", { name: "This one" }).first().click();
    await asks(3);
    await page.keyboard.press("ArrowLeft");
    // After the last step as many pairs as both policies could write are asked without a word on which is whose.
    const isOver = () => page.evaluate(() => (document.querySelector("kelvin-app") as App).store.ended);
    for (let place = 1; ; place++) {
      const shows = async () => (await panel.getByText(new RegExp(`^${place} of \\d+$`)).count()) > 0;
      await expect.poll(async () => (await shows()) || (await isOver()), { timeout: PATIENCE }).toBe(true);
      if (await isOver()) break;
      await page.keyboard.press("ArrowLeft");
    }
    await waitForEnd(page);
    const events = readRecording(await keptLog(page));
    const choices = events.flatMap((event) => (event.type === "preference" ? [event] : []));
    expect(choices.slice(0, 3).map(({ chosen, by }) => `${chosen} by ${by}`)).toEqual([
      "b by you",
      "a by you",
      "a by you",
    ]);
    expect(choices.length).toBeGreaterThan(3);
    expect(choices.slice(3).every(({ expected }) => expected === null)).toBe(true);
    const last = events.findLast((event) => event.type === "evaluate.result" && event.suite === "rlhf");
    expect(last?.type === "evaluate.result" && last.measures.map(({ name }) => name)).toContain("preference/wins");
    expect(errors).toEqual([]);
    await context.close();
  });
});
