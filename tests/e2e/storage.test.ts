import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { launchWithoutStorage, leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { errorsOf, openTab, PATIENCE, start, TINY, waitForEnd, waitForSteps, withoutWebgpu } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

const alert = (page: Page, words: string) => page.getByRole("alert").getByText(words);
const toRuns = (page: Page) => page.getByRole("link", { name: "Runs" }).click();

describe("a browser that keeps nothing for this page", () => {
  it("trains: that nothing is kept is said, once on Play and once on Runs", { timeout: 2 * PATIENCE }, async () => {
    const context = await launchWithoutStorage();
    const page = await openTab(context, `${TINY}&steps=1`);
    const errors = errorsOf(page);
    expect(await page.evaluate(() => navigator.storage.getDirectory().catch(({ name }) => name))).toBe("SecurityError");
    await start(page);
    await alert(page, "This browser does not let the page keep runs.").waitFor({ timeout: PATIENCE });
    await waitForEnd(page);
    await page.getByRole("button", { name: "Put away" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await toRuns(page);
    await alert(page, "This browser does not let the page keep runs.").waitFor();
    await alert(page, "open the page in an ordinary window").waitFor();
    await page.getByRole("button", { name: "Light or dark" }).click();
    await page.goto(new URL("?view=tasks/yours", page.url()).href);
    await page.getByText("your tasks last until it is closed").waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });
});

describe("a full device", () => {
  it("is said; the run goes on unkept, and what comes in is refused whole", { timeout: 2 * PATIENCE }, async () => {
    const context = await browser.newContext();
    const page = await openTab(context, `${TINY}&steps=8`);
    const session = await context.newCDPSession(page);
    const { origin } = new URL(page.url());
    await start(page);
    await waitForSteps(page, 1);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 5e5 });
    await page.getByRole("button", { name: "Pause" }).click();
    await alert(page, "There is no room left to keep this run on the device. The run goes on").waitFor({
      timeout: PATIENCE,
    });
    await alert(page, "Delete runs under Runs, or free space on the device.").waitFor();
    await page.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    await waitForEnd(page);

    await toRuns(page);
    // What was written before the device was full is there: its log, and the checkpoint of its start.
    await page.getByText(/^[1-7] of 8 steps, can go on from step 0/).waitFor();
    const log = [...scriptedRun({ seed: 2, steps: 9, proposals: 9, rollouts: 9 })].map((event) => logLine(event) ?? "");
    const file = { name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from(log.join("")) };
    const importer = page.locator("kelvin-runs-view input[type=file]");
    await importer.setInputFiles(file);
    await alert(page, "There is no room left").waitFor();
    await page.getByRole("button", { name: "Put the message away" }).click();
    expect(await page.locator("kelvin-run-row").count()).toBe(1);
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    await importer.setInputFiles(file);
    await page.getByText("9 of 9 steps, a recording").waitFor();
    await context.close();
  });
});

describe("the list of runs", () => {
  it("that cannot be opened says so, and opens at another try", async () => {
    const context = await browser.newContext();
    const page = await openTab(context, "?view=runs", async (page) => {
      await withoutWebgpu(page);
      await page.route("**/assets/library-*.js", (route) => route.abort());
    });
    await alert(page, "The list of runs could not be opened").waitFor();
    await page.unroute("**/assets/library-*.js");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("No run is kept yet.").waitFor();
    await context.close();
  });
});
