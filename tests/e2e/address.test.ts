import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { openTab, PATIENCE, pick, withoutWebgpu } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** A page without a device at a link: everything here is about recordings. */
const open = (query: string) => browser.newContext().then((context) => openTab(context, query, withoutWebgpu));
const placeOf = (page: Page) => new URL(page.url()).searchParams.get("view");
const RECORDED = "the recorded run of Absolute Zero that comes with the page";
const OTHER = "the recorded run of 1-shot RLVR that comes with the page";

describe("the address", () => {
  it("holds the recording and the opened task: links and the way back lead to them", async () => {
    const page = await open("?replay=azr&view=tasks/task/seed/1/deduction/19/0");
    const task = page.getByRole("region", { name: "Deduction" });
    await task.getByText("Given or written before step 1").waitFor({ timeout: PATIENCE });
    await task.getByRole("button", { name: "Close the task" }).click();
    await task.waitFor({ state: "detached" });
    expect(placeOf(page)).toBe("tasks");

    await page.locator("kelvin-task-table [data-index='0']").click();
    await page.locator("kelvin-task-details").waitFor();
    expect(placeOf(page)).toMatch(/^tasks\/task\/\w/);
    await page.goBack();
    await page.locator("kelvin-task-details").waitFor({ state: "detached" });
    await page.goBack();
    await task.waitFor();

    await page.getByRole("button", { name: "Close the recording" }).click();
    expect(new URL(page.url()).searchParams.get("replay")).toBeNull();
    await page.getByText("This address opens a task of a run.").waitFor();
    await page.context().close();
  });

  it("says what the page is set to after the way back and the way forth", async () => {
    const page = await open("?seed=1");
    const query = () => Object.fromEntries(new URL(page.url()).searchParams);
    const seed = page.getByLabel("Seed").first();
    await page.getByRole("link", { name: "Learn" }).click();
    await seed.fill("7");
    await page.keyboard.press("Tab");
    await expect.poll(query).toMatchObject({ seed: "7", view: "learn" });
    await page.goBack();
    await page.locator("kelvin-start-view").waitFor();
    await expect.poll(query).toMatchObject({ seed: "7" });
    await seed.fill("8");
    await page.keyboard.press("Tab");
    await page.goForward();
    await page.getByRole("heading", { level: 1, name: /^How a model learns/ }).waitFor();
    await expect.poll(query).toMatchObject({ seed: "8", view: "learn" });
    await page.context().close();
  });

  it("plays no recording again that was closed", async () => {
    const page = await open("?replay=azr");
    const bar = page.getByRole("region", { name: "Recorded run" });
    await bar.waitFor({ timeout: PATIENCE });
    await page.getByRole("link", { name: "Learn" }).click();
    await page.getByRole("button", { name: "Close the recording" }).click();
    await page.goBack();
    await page.locator("kelvin-start-view").waitFor();
    expect(new URL(page.url()).search).toBe("");
    await page.reload();
    await page.locator("kelvin-start-view").waitFor();
    expect(await bar.count()).toBe(0);
    await page.context().close();
  });

  it("holds the two runs that are compared", async () => {
    const page = await open("?view=compare/runs");
    await pick(page, "Run A, solid", OTHER);
    await pick(page, "Run B, dashed", RECORDED);
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor({ timeout: PATIENCE });
    await expect.poll(() => placeOf(page)).toBe("compare/runs/shipped:one-shot/shipped:azr");
    await page.reload();
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor({ timeout: PATIENCE });
    expect(await page.getByRole("combobox", { name: "Run A, solid" }).inputValue()).toBe(OTHER);
    // A step back before the choice is drawn undoes it all the same.
    await page.evaluate(() => {
      const { requestAnimationFrame } = window;
      window.requestAnimationFrame = (draw) => requestAnimationFrame((at) => setTimeout(() => draw(at), 500));
    });
    await pick(page, "Run A, solid", RECORDED);
    await page.getByText(/settings are equal/).waitFor({ timeout: PATIENCE });
    await page.goBack();
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor();
    await page.context().close();
  });

  it("names no file that was opened, and says so; a reload leaves that side to be chosen", async () => {
    const page = await open("?view=compare/runs/shipped:one-shot/shipped:azr");
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor({ timeout: PATIENCE });
    const [a, b] = ["Run A, solid", "Run B, dashed"].map((name) => page.getByRole("combobox", { name }));
    const log = page.locator("kelvin-compare-runs input[type=file]");
    const file = (text: string) => ({ name: "mine.jsonl", mimeType: "text/plain", buffer: Buffer.from(text) });
    // One that cannot be read leaves what was there, and may be chosen again once it is mended.
    await log.setInputFiles(file("hello\n"));
    await page.getByRole("alert").getByText("line 1").waitFor();
    expect(await b?.inputValue()).toBe(RECORDED);
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor();
    expect(placeOf(page)).toBe("compare/runs/shipped:one-shot/shipped:azr");
    expect(await log.inputValue()).toBe("");

    const lines = [...scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 })].map((one) => logLine(one) ?? "");
    await log.setInputFiles(file(lines.join("")));
    await page.getByText("“mine.jsonl” is a file: a link to this page, or a reload, leaves that side").waitFor();
    await expect.poll(() => b?.inputValue()).toBe("mine.jsonl");
    await expect.poll(() => placeOf(page)).toBe("compare/runs/shipped:one-shot/none");
    await page.reload();
    await expect.poll(() => a?.inputValue()).toBe(OTHER);
    expect(await b?.inputValue()).toBe("choose a run");
    await page.context().close();
  });

  it("says which recording it cannot play, and everything else goes on", async () => {
    const page = await open("?replay=nowhere&view=learn");
    await page.getByText(/This link names a recording that cannot be played. No recorded run of nowhere/).waitFor();
    await page.getByRole("heading", { name: "How a model learns from its own tries" }).waitFor();
    await page.context().close();
  });
});
