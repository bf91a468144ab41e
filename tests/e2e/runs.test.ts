import { readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { finishedSteps } from "../../src/telemetry/state";
import { launchBrowser, leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import {
  type App,
  keptLog,
  LEAST,
  openTab,
  PATIENCE,
  pauseAfter,
  pick,
  plainRun,
  shownRun,
  start,
  TINY,
  timeless,
  waitForEnd,
  waitForSteps,
  withoutWebgpu,
} from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

describe("kept runs", () => {
  it("replay to the same state where every step asks the same task", { timeout: PATIENCE }, async () => {
    const context = await browser.newContext();
    const few = "preset=small&evaluate=4&set.groups=2&set.samplesPerGroup=4&set.candidates=8";
    const page = await openTab(context, `?method=one-shot&seed=3&steps=3&${few}`);
    await start(page);
    await waitForEnd(page);
    const replayed = replayState(readRecording(await keptLog(page)));
    expect(await shownRun(page)).toBe(plainRun(replayed));
    expect(finishedSteps(replayed)).toBe(3);
    expect(replayed.evaluations.map(({ step }) => step)).toEqual([0, 3]);
    await context.close();
  });

  it("come in from a log, are renamed, replayed, taken out and deleted", async () => {
    const context = await browser.newContext({ acceptDownloads: true });
    const page = await openTab(context, "?view=runs", withoutWebgpu);
    await page.getByText("No run is kept yet.").waitFor();
    const log = [...scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 })]
      .map((one) => logLine(one) ?? "")
      .join("");
    const importer = page.locator("kelvin-runs-view input[type=file]");
    await importer.setInputFiles({ name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from(log) });
    const row = page.locator("kelvin-run-row");
    await row.getByText("3 of 3 steps, a recording").waitFor();

    await choose(page, "Rename");
    await row.getByLabel("New name").fill("The first lesson");
    await page.keyboard.press("Enter");
    await row.getByRole("heading", { name: "The first lesson" }).waitFor();

    expect(await takenOut(page, "Export: Log (JSONL)")).toBe(log);
    const report = await takenOut(page, "Export: Report (HTML)");
    expect(report).toContain("<title>The first lesson");
    expect(report).not.toMatch(/(src|href)="http/);

    await row.getByRole("button", { name: "Replay" }).click();
    await pick(page.getByRole("region", { name: "Recorded run" }), "Speed", "50×");
    await waitForEnd(page);
    expect(await shownRun(page)).toBe(plainRun(replayState(readRecording(log))));

    await page.goBack();
    await choose(page, "Delete");
    const dialog = page.getByRole("dialog", { name: "Delete this run?" });
    await dialog.waitFor();
    await page.getByRole("button", { name: "Keep it" }).click();
    await dialog.waitFor({ state: "hidden" });
    expect(await row.count()).toBe(1);
    await choose(page, "Delete");
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByText("No run is kept yet.").waitFor();
    await context.close();
  });

  it("say that a file is prepared or read until it is, whatever else is done with the list", async () => {
    const page = await openTab(await browser.newContext(), "?view=runs", withoutWebgpu);
    await page.getByText("No run is kept yet.").waitFor();
    const log = [...scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 })].map((one) => logLine(one) ?? "");
    const file = { name: "events.jsonl", mimeType: "text/plain", buffer: Buffer.from(log.join("")) };
    const importer = page.locator("kelvin-runs-view input[type=file]");
    await importer.setInputFiles(file);
    await page.getByText("3 of 3 steps, a recording").waitFor();
    await page.evaluate(() => {
      const { library } = (document.querySelector("kelvin-app") as App).store;
      const never = () => new Promise(() => {});
      Object.assign(library ?? {}, { export: never, import: never });
    });
    await choose(page, "Export: Log (JSONL)");
    const status = page.locator("kelvin-runs-view").getByRole("status");
    for (const [words, name] of [
      ["Preparing the file…", "one name"],
      ["Reading the file…", "and another"],
    ] as const) {
      if (words === "Reading the file…") await importer.setInputFiles(file);
      await status.getByText(words).waitFor();
      await choose(page, "Rename");
      await page.getByLabel("New name").fill(name);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name }).waitFor();
      await page.waitForTimeout(50);
      expect(await status.getByText(words).count()).toBe(1);
      expect(await page.getByRole("button", { name: "Import a log or a run" }).isDisabled()).toBe(true);
    }
    await page.context().close();
  });

  it("come in whole from a run's folder as Node writes it, and go out the same", async () => {
    const context = await browser.newContext({ acceptDownloads: true });
    const page = await openTab(context, "?view=runs", withoutWebgpu);
    await page.getByText("No run is kept yet.").waitFor();
    const log = [...scriptedRun({ seed: 2, steps: 3, proposals: 2, rollouts: 3 })].map((one) => logLine(one) ?? "");
    const run = {
      method: "azr",
      model: "/home/me/models/kelvin-nano",
      seed: 2,
      steps: 9,
      overrides: {},
      evaluateTasks: 0,
      evaluateEvery: 0,
    };
    const state = { step: 3, prepared: true, elapsed: 5, memory: [] };
    const bytes = (text: string) => new TextEncoder().encode(text);
    const files = {
      "my-run/events.jsonl": bytes(log.join("")),
      "my-run/checkpoint/run.json": bytes(JSON.stringify({ schema: 1, run, suites: [], state, events: log.length })),
      "my-run/checkpoint/model.safetensors": bytes("weights"),
      "my-run/checkpoint/engine.bin": bytes("moments"),
      "my-run/checkpoint/config.json": bytes("{}"),
      "my-run/checkpoint/tokenizer.json": bytes("{}"),
      "my-run/checkpoint/adapter/adapter_config.json": bytes("{}"),
      "my-run/checkpoint/adapter/adapter_model.safetensors": bytes("adapters"),
    };
    const zip = { name: "my-run.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(files)) };
    await page.locator("kelvin-runs-view input[type=file]").setInputFiles(zip);
    await page.getByText("3 of 9 steps, can go on").waitFor();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), choose(page, "Export: Everything (zip)")]);
    const out = unzipSync(readFileSync(await download.path()));
    for (const [name, content] of Object.entries(files)) {
      const same = Buffer.from(out[name.slice("my-run/".length)] ?? []);
      if (!name.endsWith("run.json")) expect(same.equals(Buffer.from(content)), name).toBe(true);
    }
    expect(JSON.parse(new TextDecoder().decode(out["checkpoint/run.json"])).run.model).toBe("kelvin-nano");
    await context.close();
  });

  it("say in place what is wrong with a file, and keep nothing of it", async () => {
    const context = await browser.newContext();
    const page = await openTab(context, "?view=runs", withoutWebgpu);
    await page.getByText("No run is kept yet.").waitFor();
    const importer = page.locator("kelvin-runs-view input[type=file]");
    for (const [name, content, words] of [
      ["events.jsonl", "hello\n", "line 1"],
      ["run.zip", "PK\u0003\u0004 and nothing more", "not a whole zip file"],
      ["run.jsonl.gz", "\u001f\u008b broken", "damaged"],
    ] as const) {
      await importer.setInputFiles({ name, mimeType: "", buffer: Buffer.from(content, "latin1") });
      await page.getByRole("alert").getByText(words).waitFor();
      expect(await importer.inputValue()).toBe("");
      await page.getByRole("button", { name: "Put the message away" }).click();
    }
    expect(await page.locator("kelvin-run-row").count()).toBe(0);
    await context.close();
  });
});

describe("a GPU that is lost", () => {
  it("is said with what was kept; the run goes on from there, bit for bit", { timeout: 3 * PATIENCE }, async () => {
    const own = await launchBrowser();
    const page = await openTab(await own.newContext(), `${LEAST}&steps=4`);
    await start(page);
    await waitForEnd(page);
    const uninterrupted = timeless(await keptLog(page));
    await page.getByRole("button", { name: "Reset" }).click();
    await start(page);
    await pauseAfter(page, 1);
    await page.getByText("Kept up to step 1").waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: "Resume" }).click();
    const lost = page.getByRole("alert").getByText("The GPU was lost");
    const control = await own.newBrowserCDPSession();
    await control.send("Browser.crashGpuProcess").catch(() => {});
    await lost.waitFor({ timeout: PATIENCE });
    // What was learned so far stays on screen.
    const learned = () => page.evaluate(() => (document.querySelector("kelvin-app") as App).store.run.history.length);
    expect(await learned()).toBeGreaterThan(0);
    expect(await learned()).toBeLessThan(4);
    await page.getByRole("button", { name: /^Go on from step \d/ }).click();
    await lost.waitFor({ state: "hidden" });
    await waitForEnd(page);
    expect(timeless(await keptLog(page))).toEqual(uninterrupted);

    // A browser that has lost it twice gives no other.
    await control.send("Browser.crashGpuProcess").catch(() => {});
    await lost.waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: /^Go on from|^Open the device again/ }).click();
    await page.getByRole("alert").getByText("the browser gives this page no other").waitFor({ timeout: PATIENCE });
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByText("4 of 4 steps, finished").first().waitFor();
    await own.close();
  });
});

describe("two tabs", () => {
  it("share no GPU: the second says so and can take it over, and the first one's run is kept", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const context = await browser.newContext();
    const first = await openTab(context, `${TINY}&steps=900`);
    await start(first);
    // It rests while the second tab is looked at, and trains when its device is taken.
    await pauseAfter(first, 1);
    const second = await openTab(context, TINY);
    await second
      .getByRole("alert")
      .getByText("Another tab of this page holds the device.")
      .waitFor({ timeout: PATIENCE });
    // What needs the device says so, and what does not goes on.
    await second.getByRole("link", { name: "Compare" }).click();
    const compare = second.locator("kelvin-compare-policies");
    await compare.getByRole("status").getByText("Another tab of this page holds the device.").waitFor();
    await second.getByRole("link", { name: "Tasks" }).click();
    await second.getByRole("button", { name: /^Your tasks/ }).click();
    await second.getByRole("button", { name: "Check and keep" }).click();
    await second.getByRole("button", { name: "Your tasks (1)" }).waitFor({ timeout: PATIENCE });
    await second.getByRole("link", { name: "Play" }).click();
    await first.getByRole("button", { name: "Resume" }).click();
    await waitForSteps(first, 2);
    await second.getByRole("button", { name: "Take the device over" }).click();
    await second.getByText("the processor stands in").waitFor({ timeout: PATIENCE });
    await first.getByRole("alert").getByText("Another tab has taken the device over.").waitFor({ timeout: PATIENCE });
    await second.getByRole("link", { name: "Compare" }).click();
    await compare.locator("kelvin-prompt-picker").waitFor({ timeout: PATIENCE });
    await second.getByRole("link", { name: "Runs" }).click();
    await second.getByText(/^\d+ of 900 steps, can go on/).waitFor();
    await second.close();
    await first.getByRole("alert").waitFor({ state: "detached", timeout: PATIENCE });
    await context.close();
  });
});

/** Opens the menu of the only run and chooses an entry. */
async function choose(page: Page, entry: string): Promise<void> {
  await page.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: entry }).click();
}

/** What a menu entry downloads, as text. */
async function takenOut(page: Page, entry: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), choose(page, entry)]);
  return readFileSync(await download.path(), "utf8");
}
