import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { type App, openTab, PATIENCE, start, TINY, waitForSteps, withoutWebgpu } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** Holds the logs of the shipped runs back until it is told to let them through. */
async function holdBack(page: Page): Promise<{ asked: Promise<void>; release: () => void }> {
  let [ask, release] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/runs/*.jsonl*", async (route) => {
    ask();
    await released;
    await route.continue();
  });
  return { asked, release };
}

const replays = (page: Page) =>
  page.evaluate(() => (document.querySelector("kelvin-app") as App).store.timeline !== null);

describe("a recording whose log takes its time", () => {
  it("leaves the run alone that was started meanwhile", async () => {
    const page = await openTab(await browser.newContext(), TINY);
    const { asked, release } = await holdBack(page);
    await page.getByRole("button", { name: "Watch a recorded run" }).click();
    await asked;
    await start(page);
    const arrived = page.waitForResponse("**/runs/*.jsonl*");
    release();
    await (await arrived).finished();
    await waitForSteps(page, 1);
    expect(await replays(page)).toBe(false);
    await page.context().close();
  });

  it("plays, and leaves the visitor where they went meanwhile", async () => {
    const page = await openTab(await browser.newContext(), "?view=runs", withoutWebgpu);
    const log = [...scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 })].map((one) => logLine(one) ?? "");
    const importer = page.locator("kelvin-runs-view input[type=file]");
    await importer.setInputFiles({ name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from(log.join("")) });
    await page.getByText("3 of 3 steps, a recording").waitFor({ timeout: PATIENCE });
    await page.evaluate(() => {
      const { library } = (document.querySelector("kelvin-app") as App).store;
      if (!library) throw new Error("the page keeps runs");
      const read = library.log.bind(library);
      const visited = new Promise((resolve) => window.addEventListener("visited", resolve));
      library.log = async (id) => visited.then(() => read(id));
    });
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByText("Opening the log…").waitFor();
    await page.getByRole("link", { name: "Learn" }).click();
    await page.getByRole("heading", { name: "How a model learns from its own tries" }).waitFor();
    await page.evaluate(() => window.dispatchEvent(new Event("visited")));
    await page.getByRole("region", { name: "Recorded run" }).waitFor();
    expect(new URL(page.url()).searchParams.get("view")).toBe("learn");
    await page.context().close();
  });
});
