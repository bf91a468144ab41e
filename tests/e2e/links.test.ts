import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { openTab, PATIENCE } from "./drive";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await sharedBrowser();
  page = await openTab(await browser.newContext(), "?seed=first");
});
afterAll(leaveBrowser);

const startButton = () => page.locator("kelvin-start-view").getByRole("button", { name: "Start", exact: true });
const says = (words: string) => page.getByRole("alert").getByText(words).first().waitFor({ timeout: PATIENCE });
const open = (query: string) => page.goto(new URL(query, page.url()).href);

describe("a link that is wrong", () => {
  it("says which number is none, and starts when it is mended by hand", { timeout: PATIENCE }, async () => {
    await says("“seed=first” must be a whole number from 0 to 999999999.");
    expect(await startButton().isDisabled()).toBe(true);
    await page.getByLabel("Seed").first().fill("5");
    await page.keyboard.press("Tab");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await startButton().waitFor();
    expect(await startButton().isEnabled()).toBe(true);
    expect(new URL(page.url()).searchParams.get("seed")).toBe("5");
  });

  // Every other setting that can be wrong goes the same way: tests/ui/store.test.ts lists them.
  it("is complained of in place, and the usual settings are one press away", async () => {
    await open("?preset=huge");
    await says("has no preset “huge”.");
    expect(await startButton().isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Use the usual settings" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    expect(await startButton().isEnabled()).toBe(true);
  });

  it.each([
    ["?model=../elsewhere", "“../elsewhere” is not the name of a model."],
    ["?model=https://models.test/x", "This trains a model from models.test."],
  ])("that names no model leads back to the one that ships: %s", { timeout: 2 * PATIENCE }, async (query, words) => {
    await open(query);
    await says(words);
    await page.getByRole("button", { name: "Go back to kelvin-nano" }).click();
    await page.getByRole("alert").waitFor({ state: "detached", timeout: PATIENCE });
    await expect.poll(() => startButton().isEnabled(), { timeout: PATIENCE }).toBe(true);
    expect(new URL(page.url()).searchParams.get("model")).toBeNull();
  });

  it.each([
    ["?view=plaything/x", "asks for a view “plaything”"],
    ["?mode=cinema", "asks for a mode “cinema”"],
  ])("opens on Play and says so: %s", async (query, words) => {
    await open(query);
    await says(words);
    expect(await page.getByRole("link", { name: "Play" }).getAttribute("aria-current")).toBe("page");
    await page.getByRole("button", { name: "Put away" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  it.each([
    ["tasks/elsewhere", "button", "Tasks of the run"],
    ["compare/elsewhere", "button", "Base and trained"],
    ["learn/elsewhere", "link", "Glossary"],
    ["learn/glossary/elsewhere", "link", "Glossary"],
    ["learn/azr/elsewhere", "link", "Glossary"],
  ] as const)("to a place that a view does not have opens the view, and says so: %s", async (place, role, way) => {
    await open(`?view=${place}`);
    await says(`asks for “${place}”, which does not exist.`);
    await page.getByRole(role, { name: way, exact: true }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
  });
});
