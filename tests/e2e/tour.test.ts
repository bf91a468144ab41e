import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { focused, openTab, withoutWebgpu } from "./drive";
import { expectNoViolations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

it("shows a first visit four cards, by keyboard, on a phone too, and asks no second time", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const page = await openTab(context, "", withoutWebgpu);
  const invitation = page.getByRole("button", { name: "New here? How it works, in four cards" });
  await invitation.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "How it works" });
  const card = page.locator("kelvin-tour-dialog");
  const titles = ["It invents a task", "Python checks it", "It tries, and is paid", "Watch the curve"];
  for (const [index, title] of titles.entries()) {
    await card.getByRole("heading", { name: title }).waitFor();
    await card.getByText(`${index + 1} of 4`).waitFor();
    if (index % 2 === 0) await expectNoViolations(page, title);
    await page.setViewportSize({ width: 360, height: 640 });
    const over = await card.locator(".card").evaluate((element) => element.getBoundingClientRect().right - innerWidth);
    expect(over, title).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    if (index === 1) {
      await card.getByRole("button", { name: "Back" }).press("Enter");
      await card.getByRole("heading", { name: titles[0] ?? "" }).waitFor();
      await card.getByRole("button", { name: "Next" }).press("Enter");
      await card.getByRole("heading", { name: title }).waitFor();
    }
    await card.getByRole("button", { name: index < 3 ? "Next" : "Done" }).press("Enter");
  }
  await dialog.waitFor({ state: "detached" });
  expect(await focused(page)).toBe("How it works");
  await page.reload();
  await page.getByRole("button", { name: "How it works", exact: true }).click();
  await card.getByRole("heading", { name: "It invents a task" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await invitation.count()).toBe(0);
  await context.close();
});
