import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logText } from "../../src/telemetry/log";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { type App, errorsOf, focused, openTab, PATIENCE, pick, start, waitForSteps, withoutWebgpu } from "./drive";
import { mainThreadText, watchMainThread } from "./main-thread";
import { until } from "./until";

/** A model folder to train in place of the shipped one. */
const ownModel = process.env["KELVIN_MODEL"];

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** A page whose errors are collected. */
async function openPage(
  query: string,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  let errors: string[] = [];
  const page = await openTab(context, query, async (page) => {
    errors = errorsOf(page);
    if (ownModel)
      await page.route("**/models/kelvin-nano/*", (route) => route.fulfill(modelFile(route.request().url())));
    await prepare?.(page);
  });
  return { page, errors };
}

function modelFile(url: string): { path: string } | { status: number } {
  const path = join(ownModel ?? "", basename(new URL(url).pathname));
  return existsSync(path) ? { path } : { status: 404 };
}

/** Finished steps and working time as the page has them: if both stand still, the run does. */
const progressOf = (page: Page) =>
  page.evaluate(() => {
    const { run } = (document.querySelector("kelvin-app") as App).store;
    return { steps: run.history.length, ms: run.ms, samples: run.current.samples.size };
  });

describe("Play", () => {
  it("trains: Start, first update, gauges, Pause, Step, why this number, Reset", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const { page, errors } = await openPage("?seed=1&steps=40");
    const opened = Date.now();
    await page.getByText("the processor stands in").waitFor({ timeout: PATIENCE });
    expect(await page.getByLabel("Preset").first().inputValue()).toBe("small");
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);

    const endWatch = await watchMainThread(page);
    await start(page);
    await waitForSteps(page, 1);
    // Reported, not judged: the software adapter computes on the processor that draws the page.
    console.log(`a live run's first step: ${mainThreadText(await endWatch())}`);
    console.log(
      `first paint ${Math.round(paint)} ms, first update ${((Date.now() - opened) / 1000).toFixed(1)} s after load`,
    );

    // Gauges move: curves have values, the headline has its evaluation.
    await page.getByRole("button", { name: /^Trace share.*deduction \d/ }).waitFor();
    await page
      .locator("kelvin-headline-gauge")
      .getByText(/^%, greedy, \d+ tasks per type/)
      .waitFor();

    // Pause holds.
    const pressed = Date.now();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor({ timeout: PATIENCE });
    console.log(`paused after ${Date.now() - pressed} ms`);
    const held = await progressOf(page);
    await page.waitForTimeout(3000);
    expect(await progressOf(page)).toEqual(held);

    await stepPhase(page);
    const stepped = await progressOf(page);
    expect(stepped.steps - held.steps).toBeLessThanOrEqual(1);

    await explainAnAdvantage(page);
    await page.getByRole("button", { name: "Reset" }).click();
    await page.locator("kelvin-start-view").waitFor();
    expect(new URL(page.url()).search).toContain("seed=1");
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("without WebGPU says so for this browser, and plays the shipped run", async () => {
    const { page, errors } = await openPage("", withoutWebgpu);
    await page.getByRole("alert").getByText("Training needs WebGPU").waitFor();
    await page.getByRole("img", { name: /^Deduction answers of a recorded run/ }).waitFor();
    await page.getByRole("button", { name: "Watch a recorded run" }).click();
    const bar = page.getByRole("region", { name: "Recorded run" });
    await bar.getByText("Absolute Zero on kelvin-nano, seed 1").waitFor();
    await bar.getByRole("button", { name: "About this recording" }).click();
    await page.getByRole("row", { name: /^samples kept [\d,]+ of [\d,]+/ }).waitFor();
    await page.keyboard.press("Escape");

    // By keyboard to the end of the recording; from there it runs out by itself.
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await bar.getByRole("slider").focus();
    await page.keyboard.press("End");
    await page.getByText("Step 60 / 60").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.getByText("Step 59 / 60").waitFor();
    await explainAnAdvantage(page);
    await pick(bar, "Speed", "50×");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("The run has ended").waitFor();
    // What the page shows at the end is what the whole log says.
    const { history, evaluations, rulings, safety } = replayState(shippedLog());
    const shown = await page.evaluate(() => {
      const { run } = (document.querySelector("kelvin-app") as App).store;
      return { history: run.history, evaluations: run.evaluations, rulings: run.rulings, safety: run.safety };
    });
    expect(shown).toEqual({ history, evaluations, rulings, safety });

    await page.getByRole("button", { name: "Close the recording" }).click();
    await page.getByRole("alert").getByText("Training needs WebGPU").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("plays a log that the visitor opens", async () => {
    const { page, errors } = await openPage("", withoutWebgpu);
    const log = logText(scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 }));
    const file = { name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from(log) };
    await page.locator("kelvin-start-view input[type=file]").setInputFiles(file);
    await page.getByText("Step 3 / 3").waitFor();
    await page.getByText("The run has ended").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("says in place what a wrong link or log got wrong", async () => {
    const { page } = await openPage("?method=magic");
    await page.getByText("There is no method “magic”.", { exact: true }).waitFor({ timeout: PATIENCE });
    expect(
      await page.locator("kelvin-start-view").getByRole("button", { name: "Start", exact: true }).isDisabled(),
    ).toBe(true);
    const file = { name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from("hello\n") };
    const input = page.locator("kelvin-start-view input[type=file]");
    await input.setInputFiles(file);
    await page.getByText("line 1").waitFor();
    // Once it is mended the same file may be chosen again.
    expect(await input.inputValue()).toBe("");
    await page.context().close();
  });

  it("says which file of a model is missing", async () => {
    const { page } = await openPage("?model=nowhere");
    await page
      .getByText(/models\/nowhere\/.* could not be loaded/)
      .first()
      .waitFor({ timeout: PATIENCE });
    await page.context().close();
  });
});

const shippedLog = () => readRecording(gunzipSync(readFileSync("public/runs/azr-kelvin-nano.jsonl.gz")).toString());

/** The space bar goes on by one phase and holds again. */
async function stepPhase(page: Page): Promise<void> {
  const before = (await progressOf(page)).ms;
  await page.locator("main").focus();
  await page.keyboard.press("Space");
  await until(
    page,
    (ms) => {
      const { run, session } = (document.querySelector("kelvin-app") as App).store;
      return run.ms > ms && session.motion === "paused";
    },
    before,
    PATIENCE,
  );
}

/** Opens the arithmetic of an attempt, reads it, closes it with Escape; focus goes back to the number. */
async function explainAnAdvantage(page: Page): Promise<void> {
  const number = page.getByRole("button", { name: /^advantage .* why this number/ }).first();
  for (let phase = 0; phase < 8 && !(await number.isVisible()); phase++) await stepPhase(page);
  await number.click();
  const dialog = page.getByRole("dialog", { name: /^Why/ });
  await dialog.waitFor();
  const equation = (await dialog.getByRole("math").first().getAttribute("aria-label")) ?? "";
  const [reward = 0, mean = 0, deviation = 0, advantage = 0] = numbersIn(equation);
  if (deviation > 0) expect(Math.abs((reward - mean) / deviation - advantage)).toBeLessThan(0.1);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await focused(page)).toMatch(/why this number/);
}

function numbersIn(text: string): number[] {
  return [...text.replaceAll("−", "-").matchAll(/[-+]?\d+\.\d+/g)].map(([number]) => Number(number));
}
