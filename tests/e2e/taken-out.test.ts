import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/model/config";
import { loadTokenizer } from "../../src/model/tokenizer";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { Runtime } from "../export/runtime";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import {
  type App,
  keptLog,
  openTab,
  PATIENCE,
  pauseAfter,
  plainRun,
  shownRun,
  start,
  TINY,
  timeless,
  waitForEnd,
} from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

const MODEL = "public/models/kelvin-nano";
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** Opens the only run's menu in the Runs view and takes it out, as soon as it is no longer written. */
async function takeOut(page: Page, entry: string): Promise<Buffer> {
  return readFileSync(await takeOutFile(page, entry));
}

/** The same as a file: megabytes from a buffer take Playwright ten seconds. @returns its path */
async function takeOutFile(page: Page, entry: string): Promise<string> {
  await page.getByRole("button", { name: /^More for/ }).click({ timeout: PATIENCE });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: `Export: ${entry}` }).click(),
  ]);
  const path = join(mkdtempSync(join(tmpdir(), "kelvin-")), download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

const openRuns = (page: Page) => page.getByRole("link", { name: "Runs" }).click();

/** Prompt and greedy text, token by token, of the trained policy on the first tasks of a held-out suite. */
function greedyTexts(page: Page) {
  return page.evaluate(async () => {
    const { store } = document.querySelector("kelvin-app") as App;
    const [suite] = await store.ask("heldOut", null);
    const texts: { prompt: string; pieces: readonly string[] }[] = [];
    for (const task of suite?.tasks.slice(0, 3) ?? []) {
      const { prompt, trained } = await store.ask("compare", { task, seed: 0, samples: 1, temperature: 0 });
      texts.push({ prompt, pieces: trained[0]?.pieces ?? [] });
    }
    return texts;
  });
}

/** Trains to the end and takes the run off the device; the page is as before. */
async function uninterruptedLog(page: Page): Promise<string> {
  await start(page);
  await waitForEnd(page);
  const log = await keptLog(page);
  await openRuns(page);
  await page.getByRole("button", { name: /^More for/ }).click({ timeout: PATIENCE });
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByText("No run is kept yet.").waitFor();
  await page.getByRole("link", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  return log;
}

describe("a run that is stopped halfway", () => {
  it("goes on after a reload and in another browser to the same bits, and its ONNX file writes what our engine writes", {
    timeout: 3 * PATIENCE,
  }, async () => {
    const here = await browser.newContext({ acceptDownloads: true });
    const page = await openTab(here, `${TINY}&steps=2`);
    const uninterrupted = await uninterruptedLog(page);
    await start(page);
    await pauseAfter(page, 1);
    await page.getByText("Kept up to step 1").waitFor({ timeout: PATIENCE });
    await page.reload();
    await openRuns(page);
    const halfway = await takeOutFile(page, "Everything (zip)");
    await page.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    // The tab goes away in the second step: its worker ends without a word, and the step is repeated.
    await page.waitForFunction(
      () => (document.querySelector("kelvin-app") as App | null)?.store.run.current.step === 1,
      null,
      { timeout: PATIENCE },
    );
    await page.reload();
    await openRuns(page);
    await page.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    await waitForEnd(page);
    const resumed = await keptLog(page);
    expect(timeless(resumed)).toEqual(timeless(uninterrupted));
    expect(await shownRun(page)).toBe(plainRun(replayState(readRecording(resumed))));

    const texts = await greedyTexts(page);
    await openRuns(page);
    const [log, weights, onnx] = [
      await takeOut(page, "Log (JSONL)"),
      await takeOut(page, "Weights (safetensors)"),
      await takeOut(page, "Weights (ONNX)"),
    ];
    await here.close();

    const elsewhere = await browser.newContext({ acceptDownloads: true });
    const other = await openTab(elsewhere, "?view=runs");
    await other.getByText("No run is kept yet.").waitFor();
    await other.locator("kelvin-runs-view input[type=file]").setInputFiles(halfway);
    await other.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    // The list hears by itself how far the run has come, and when others may use it.
    await openRuns(other);
    await other.getByText("2 of 2 steps, finished").waitFor({ timeout: PATIENCE });
    expect(timeless((await takeOut(other, "Log (JSONL)")).toString())).toEqual(timeless(log.toString()));
    expect(timeless(log.toString())).toEqual(timeless(resumed));
    expect((await takeOut(other, "Weights (safetensors)")).equals(weights)).toBe(true);
    expect(weights.equals(readFileSync(`${MODEL}/model.safetensors`))).toBe(false);
    await elsewhere.close();

    const config = parseConfig(readJson(`${MODEL}/config.json`));
    const tokenizer = loadTokenizer(readJson(`${MODEL}/tokenizer.json`), config.endToken);
    const runtime = await Runtime.open([onnx], config);
    expect(texts.length).toBe(3);
    for (const { prompt, pieces } of texts) {
      const tokens = tokenizer.encode(prompt);
      const written = await runtime.greedy(tokens, pieces.length, config.endToken);
      expect(pieces.length).toBeGreaterThan(1);
      expect(written.slice(tokens.length).map((token) => tokenizer.decode([token]))).toEqual(pieces);
    }
  });
});
