import { readFileSync } from "node:fs";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { type App, openTab, PATIENCE, start, TINY, waitForEnd } from "./drive";
import { expectNoViolations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

const HELD = "A run is on screen: press Reset to set up the next one.";
const CONFIG = readFileSync("public/models/kelvin-nano/config.json", "utf8");
const seedOf = (page: Page) => new URL(page.url()).searchParams.get("seed");

describe("a run that has ended, on a phone", () => {
  it("is reset from Settings and from the model sheet, and the next one set up there", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const phone = { viewport: { width: 360, height: 780 }, reducedMotion: "reduce" } as const;
    const page = await openTab(await browser.newContext(phone), `${TINY}&steps=6`);
    await start(page);
    await waitForEnd(page);
    expect(await page.locator("kelvin-top-bar").getByRole("button", { name: "Reset" }).count()).toBe(0);

    await page.getByRole("button", { name: "Settings" }).click();
    const settings = page.locator("kelvin-settings-dialog");
    await settings.getByText(HELD).waitFor();
    expect(await settings.getByLabel("Seed", { exact: true }).isDisabled()).toBe(true);
    await expectNoViolations(page);
    await settings.getByRole("button", { name: "Reset" }).click();
    await settings.getByText(HELD).waitFor({ state: "detached" });
    const method = settings.getByRole("combobox", { name: "Method", exact: true });
    await expect
      .poll(() => method.evaluate((control) => (control.getRootNode() as ShadowRoot).activeElement === control))
      .toBe(true);
    await settings.getByLabel("Seed", { exact: true }).fill("11");
    await page.keyboard.press("Enter");
    await expect.poll(() => seedOf(page)).toBe("11");
    await page.keyboard.press("Escape");
    await start(page);
    const begun = () => page.evaluate(() => (document.querySelector("kelvin-app") as App).store.run.header?.seed);
    await expect.poll(begun, { timeout: PATIENCE }).toBe(11);
    // At rest, so that no colour changes while axe reads it.
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor({ timeout: PATIENCE });

    await page.getByRole("button", { name: "Settings" }).click();
    await settings.getByRole("button", { name: "kelvin-nano" }).click();
    const sheet = page.locator("kelvin-model-sheet");
    await sheet.getByText(HELD).waitFor();
    await expectNoViolations(page);
    await sheet.getByRole("button", { name: "Reset" }).click();
    await sheet.getByRole("radio", { name: /^Adapters only/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.has("lora")).toBe(true);
    await page.context().close();
  });
});

describe("the model sheet", () => {
  it("shows the model that was looked at last, however late an earlier answer comes", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const late: Route[] = [];
    const page = await openTab(await browser.newContext(), TINY, (page) =>
      page.route("**/elsewhere/*/config.json", (route) => {
        if (route.request().url().includes("/late-")) late.push(route);
        else return route.fulfill({ body: CONFIG });
      }),
    );
    await page.getByRole("button", { name: /^Model/ }).click();
    const sheet = page.locator("kelvin-model-sheet");
    await sheet.getByText("In use").waitFor({ timeout: PATIENCE });
    const addressOf = (name: string) => new URL(`elsewhere/${name}/`, page.url()).href;
    const lookAt = async (name: string) => {
      await sheet.getByLabel("Address of a model").fill(addressOf(name));
      await sheet.getByRole("button", { name: "Look at it" }).click();
    };
    /** The held answer goes out, and the trainer has passed it on. */
    const letGo = async (answer: Parameters<Route["fulfill"]>[0]) => {
      await late.shift()?.fulfill(answer);
      const url = addressOf("witness");
      await page.evaluate(async (url) => {
        const { store } = document.querySelector("kelvin-app") as App;
        await store.ask("inspect", { model: { url }, lora: null, run: { method: "azr", overrides: {} } });
      }, url);
    };

    await lookAt("late-and-whole");
    await expect.poll(() => late.length).toBe(1);
    await lookAt("second");
    await sheet.getByRole("heading", { name: "second" }).waitFor();
    await letGo({ body: CONFIG });
    expect(await sheet.getByRole("heading", { name: "late-and-whole" }).count()).toBe(0);
    await sheet.getByRole("heading", { name: "second" }).waitFor();

    // A failure is of the model that failed, and ends no other's reading.
    await lookAt("late-and-missing");
    await expect.poll(() => late.length).toBe(1);
    await lookAt("late-to-the-last");
    await expect.poll(() => late.length).toBe(2);
    await letGo({ status: 404 });
    expect(await sheet.getByRole("alert").count()).toBe(0);
    await sheet.getByText("Reading its configuration…").waitFor();
    await sheet.getByRole("button", { name: "Back to kelvin-nano" }).click();
    await sheet.getByText("In use").waitFor();
    await letGo({ body: CONFIG });
    await sheet.getByText("In use").waitFor();
    expect(await sheet.getByRole("heading", { name: "late-to-the-last" }).count()).toBe(0);
    await page.context().close();
  });
});
