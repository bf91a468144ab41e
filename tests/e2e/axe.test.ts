import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { PLAY, VIEWS } from "../../src/ui/views";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { holdRecording, openTab, PATIENCE, withoutWebgpu } from "./drive";
import { expectNoViolations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

async function openPage(webgpu: boolean): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const page = await openTab(context, "", webgpu ? undefined : withoutWebgpu);
  await page.locator("kelvin-recorded-field figure").waitFor({ timeout: PATIENCE });
  return page;
}

describe("axe, light and dark,", () => {
  it("finds nothing on Start", async () => {
    const page = await openPage(true);
    await expectNoViolations(page);
    await page.context().close();
  });

  it("finds nothing on Start without WebGPU, over a recorded run, or in its dialogs", async () => {
    const page = await openPage(false);
    await expectNoViolations(page);
    await holdRecording(page);
    await expectNoViolations(page);
    for (const [button, dialog] of [
      [/^advantage .* why this number/, /^Why/],
      [/^Trace share/, "Trace share"],
      [/^Safety/, "Safety"],
      ["Settings", /.*/],
      [/^Recorded on/, "Device"],
      [/^Model/, "Model"],
    ] as const) {
      await page.getByRole("button", { name: button }).first().click();
      await page.getByRole("dialog", { name: dialog }).first().waitFor();
      await expectNoViolations(page, `${dialog}`);
      await page.keyboard.press("Escape");
    }
    await page.context().close();
  });

  it("finds nothing in any view over a recorded run", { timeout: 2 * PATIENCE }, async () => {
    const page = await openPage(false);
    await holdRecording(page);
    const rail = page.getByRole("navigation", { name: "Views" });
    for (const title of (await rail.getByRole("link").allTextContents()).map((text) => text.trim())) {
      await rail.getByRole("link", { name: title, exact: true }).click();
      const { name } = VIEWS.find((view) => view.title === title) ?? PLAY;
      await page.locator(name === "play" ? "kelvin-play-stage" : `kelvin-${name}-view`).waitFor();
      await page.waitForTimeout(300);
      await expectNoViolations(page, title);
    }
    await page.context().close();
  });

  it("finds nothing in Runs with a run in it, its menu open", async () => {
    const page = await openPage(false);
    await page.getByRole("link", { name: "Runs" }).click();
    const log = { name: "a.jsonl.gz", mimeType: "", buffer: readFileSync("public/runs/azr-kelvin-nano.jsonl.gz") };
    await page.locator("kelvin-runs-view input[type=file]").setInputFiles(log);
    await page.getByRole("button", { name: /^More for/ }).click({ timeout: PATIENCE });
    await page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await expectNoViolations(page);
    await page.context().close();
  });
});
