import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { FAMILIES, type Family } from "../shapes/families";
import { generatedLanguage } from "../shapes/vocabularies";
import { modelFiles, writeFolder } from "../shapes/write-model";
import { openTab, PATIENCE, pauseAfter, start, TINY, waitForEnd, waitForSteps } from "./drive";

const NAME = "my-model";
const parent = mkdtempSync(join(tmpdir(), "kelvin-models-"));
const folder = join(parent, NAME);
/** The same shape under the same name with one other weight. */
const other = join(parent, "elsewhere", NAME);
const FILES = ["config.json", "tokenizer.json", "model.safetensors"];

let browser: Browser;
beforeAll(async () => {
  for (const place of [folder, other])
    for (const file of FILES) cpSync(join("public/models/kelvin-nano", file), join(place, file));
  const weights = readFileSync(join(other, "model.safetensors"));
  weights.writeFloatLE(0.125, weights.length - 4);
  writeFileSync(join(other, "model.safetensors"), weights);
  browser = await sharedBrowser();
});
afterAll(async () => {
  await leaveBrowser();
  rmSync(parent, { recursive: true });
});

const chooseFolder = (page: Page, path: string) => page.locator("kelvin-run-row input[type=file]").setInputFiles(path);

async function openSheet(page: Page): Promise<Locator> {
  await page.getByText("the processor stands in").waitFor({ timeout: PATIENCE });
  await page.getByRole("button", { name: /^Model/ }).click();
  return page.locator("kelvin-model-sheet");
}

async function useFolder(sheet: Locator, path: string): Promise<void> {
  await sheet.getByLabel("Folder of a model").setInputFiles(path);
  await sheet.getByRole("heading", { name: basename(path), exact: true }).waitFor({ timeout: PATIENCE });
  await sheet.getByRole("button", { name: "Use this model" }).click();
}

/** The shipped model with a token whose id would fill the memory, were it trusted. */
function withFarId(): ReadonlyMap<string, Uint8Array> {
  const files = FILES.map((file): [string, Uint8Array] => [
    file,
    readFileSync(join("public/models/kelvin-nano", file)),
  ]);
  const tokenizer = JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8"));
  tokenizer.model.vocab["far"] = 1e9;
  return new Map([...files, ["tokenizer.json", Buffer.from(JSON.stringify(tokenizer))]]);
}

describe("folders that the visitor chooses", () => {
  it("are refused in one line while the model in use stays; one of 151,936 tokens is used", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const page = await openTab(await browser.newContext(), TINY);
    const sheet = await openSheet(page);
    await sheet.getByText("In use").waitFor({ timeout: PATIENCE });
    await useFolder(sheet, writeFolder(join(parent, "far"), withFarId()));
    const line = 'the id of "far" is 1000000000, and the model has only 151 tokens';
    await sheet.getByRole("alert").getByText(line).waitFor({ timeout: PATIENCE });
    await sheet.getByRole("button", { name: "Back to kelvin-nano" }).click();
    await sheet.getByRole("heading", { name: "kelvin-nano" }).waitFor();
    const large = FAMILIES.find(({ name }) => name === "Qwen2.5") as Family;
    await useFolder(sheet, writeFolder(join(parent, "large"), modelFiles(large, generatedLanguage(large))));
    await sheet.getByText("In use").waitFor({ timeout: PATIENCE });
    await sheet.getByText("151,936 tokens").waitFor();
    await page.context().close();
  });
});

describe("a run on files that the visitor chose", () => {
  it("goes on after a reload once its folder is chosen again, and with no other", {
    timeout: 3 * PATIENCE,
  }, async () => {
    const page = await openTab(await browser.newContext(), `${TINY}&steps=2`);
    const sheet = await openSheet(page);
    await sheet.getByLabel("Folder of a model").setInputFiles(folder);
    await sheet.getByRole("heading", { name: NAME }).waitFor();
    // Chosen again it is a change again: its files may have been mended.
    expect(await sheet.getByLabel("Folder of a model").inputValue()).toBe("");
    await sheet.getByRole("button", { name: "Use this model" }).click();
    await sheet.getByText("In use").waitFor({ timeout: PATIENCE });
    await page.keyboard.press("Escape");
    await start(page);
    await pauseAfter(page, 1);
    await page.getByText("Kept up to step 1").waitFor({ timeout: PATIENCE });

    // The link names files that it cannot hold: it says so, and Start waits.
    await page.reload();
    await page.getByRole("alert").getByText(`a model of your own files, “${NAME}”`).waitFor({ timeout: PATIENCE });
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByText(`Its model lies in your folder “${NAME}”.`).waitFor();
    expect(await page.getByRole("button", { name: "Resume", exact: true }).count()).toBe(0);
    await chooseFolder(page, other);
    const refusal = page
      .getByRole("alert")
      .getByText(`These files are not the model “${NAME}” that this run began with.`);
    await refusal.waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: "Put away" }).click();
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByText("1 of 2 steps, can go on").waitFor();
    await chooseFolder(page, folder);
    await waitForSteps(page, 2);
    await waitForEnd(page);
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByText("2 of 2 steps, finished").waitFor({ timeout: PATIENCE });
    await page.context().close();
  });
});
