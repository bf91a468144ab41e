import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { METHODS } from "../../src/methods";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { errorsOf, focused, holdRecording, slide, withoutWebgpu } from "./drive";
import { until } from "./until";
import { violations } from "./violations";

const PATIENCE = 30_000;
const PAGES = ["basics", ...METHODS.map(({ name }) => name), "glossary"];

/** One page for all tests, led from address to address: that takes a third of the time of a new one. */
let page: Page;
let errors: string[];
beforeAll(async () => {
  const browser = await sharedBrowser();
  page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
  errors = errorsOf(page);
  await withoutWebgpu(page);
});
afterAll(leaveBrowser);

interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Leads the page there, without WebGPU: nothing here needs an engine. Its errors are collected anew. */
async function openPage(query: string, look: Look = {}): Promise<{ page: Page; errors: string[] }> {
  const { width = 1280, colorScheme = "light" } = look;
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  errors.length = 0;
  await page.goto(new URL(query, inject("pageUrl")).href);
  return { page, errors };
}

async function openLearn(place: string, look: Look = {}): Promise<{ page: Page; errors: string[] }> {
  const opened = await openPage(`?view=learn/${place}`, look);
  await opened.page.locator("kelvin-learn-view h1").waitFor({ timeout: PATIENCE });
  return opened;
}

/** Every formula of the page is drawn by KaTeX, with a font that has arrived. */
async function drawn(page: Page): Promise<void> {
  await until(
    page,
    () => {
      const view = document.querySelector("kelvin-app")?.shadowRoot?.querySelector("kelvin-view-frame");
      const learn = view?.shadowRoot?.querySelector("kelvin-learn-view");
      const formulas = [...(learn?.shadowRoot?.querySelectorAll("kelvin-formula") ?? [])];
      return formulas.every((one) => one.shadowRoot?.querySelector(".katex-html"));
    },
    null,
    PATIENCE,
  );
}

describe("Learn", () => {
  it.each(PAGES)("has no violation of axe in light and dark, and fits 360 px: %s", async (place) => {
    const { page, errors } = await openLearn(place);
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await drawn(page);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    expect(errors).toEqual([]);
  });

  it("draws its formulas with fonts from this page's own origin", async () => {
    const { page } = await openLearn("azr");
    await drawn(page);
    const fonts = () =>
      page.evaluate(async () => {
        await document.fonts.ready;
        return [...document.fonts].filter(({ family }) => family.includes("KaTeX")).map(({ status }) => status);
      });
    await expect.poll(async () => (await fonts()).filter((status) => status === "loaded").length).toBeGreaterThan(1);
    expect(await fonts()).not.toContain("error");
  });

  it("explains a word where it stands, by keyboard, and leads to the glossary", async () => {
    const { page } = await openLearn("basics");
    const word = page.locator("kelvin-term[name=policy] button").first();
    await word.focus();
    await page.keyboard.press("Enter");
    const card = page.getByRole("dialog", { name: "Policy" });
    await card.getByText(/model seen as a chooser/).waitFor();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await card.getByRole("link", { name: "In the glossary" }).click();
    await page.getByRole("heading", { name: "Glossary" }).waitFor();
    expect(new URL(page.url()).searchParams.get("view")).toBe("learn/glossary/policy");
    expect(await focused(page)).toBe("Policy");
  });

  it("lets the reader change the rewards of a group", async () => {
    const { page } = await openLearn("basics");
    const lab = page.locator("kelvin-advantage-lab");
    await lab.getByRole("button", { name: "one right", exact: true }).click();
    await lab.getByRole("button", { name: /^Sample 1: reward \+1, advantage \+2\.47/ }).waitFor();
    await lab.getByRole("button", { name: /^Sample 8: reward −0\.5, advantage −0\.35/ }).waitFor();
    await lab.getByRole("button", { name: "all right" }).click();
    await lab.getByText(/this group teaches/).waitFor();
    await lab.getByRole("button", { name: /^Sample 3/ }).focus();
    await page.keyboard.press("Enter");
    await lab.getByText(/One in eight fails/).waitFor();
  });

  it("trains a policy with one choice, the same way each time", async () => {
    const { page } = await openLearn("basics");
    const lab = page.locator("kelvin-switch-lab");
    const said = () => lab.locator(".said").textContent();
    for (let press = 0; press < 4; press++) await lab.getByRole("button", { name: "Ten steps" }).click();
    await lab.getByText("After 40 steps").waitFor();
    const first = await said();
    expect(Number(/in (\d+\.\d) %/.exec(first ?? "")?.[1])).toBeGreaterThan(90);
    await lab.getByRole("button", { name: "Start over" }).click();
    for (let press = 0; press < 4; press++) await lab.getByRole("button", { name: "Ten steps" }).click();
    expect(await said()).toBe(first);
  });

  it("shows which difficulty pays", async () => {
    const { page } = await openLearn("azr/learnability");
    const lab = page.locator("kelvin-learnability-lab");
    await lab.getByText(/37 % of the time pays most/).waitFor();
    await lab.getByRole("button", { name: "8", exact: true }).click();
    await lab.getByText(/26 % of the time pays most/).waitFor();
    await lab.getByRole("slider").focus();
    await page.keyboard.press("End");
    await lab.getByText(/nothing left to learn/).waitFor();
  });

  it("lets the reader choose and order laws, and shows what a critique changed", async () => {
    const { page } = await openLearn("rlaif/laws");
    const lab = page.locator("kelvin-laws-lab");
    const link = lab.getByRole("link", { name: "A new run" });
    await lab.getByRole("checkbox", { name: "at most 2 statements" }).check();
    await lab.getByRole("button", { name: "Earlier: A program does not use //" }).click();
    await lab.getByRole("checkbox", { name: "no branch" }).uncheck();
    expect(new URLSearchParams((await link.getAttribute("href")) ?? "").get("set.laws")).toBe("//,%,2");
    // A row that moves takes its mark along.
    expect(await lab.getByRole("checkbox", { checked: true }).count()).toBe(3);
    const revision = page.locator("kelvin-revision-lab");
    expect(await revision.locator("mark").allTextContents()).toEqual([" return x//2", " return x*2"]);
  });

  it("puts the numbers of the run on screen into the formulas, and its results below", async () => {
    const { page, errors } = await openLearn("azr");
    await page.getByText(/^The recording that ships with this page/).waitFor({ timeout: PATIENCE });
    await page.getByRole("link", { name: "Play", exact: true }).click();
    await holdRecording(page);
    await page.getByRole("link", { name: "Learn", exact: true }).click();
    const pages = page.getByRole("navigation", { name: "Pages of Learn" });
    await pages.getByRole("link", { name: "Absolute Zero" }).click();
    await page.getByText(/^step 30, one of the 32 samples of “solver deduction”/).waitFor({ timeout: PATIENCE });
    await page.getByText(/^a \w+ task proposed in step 30/).waitFor();
    await page.getByText(/^The recorded run on screen: kelvin-nano, seed 1, 30 of 60 steps so far/).waitFor();
    await drawn(page);
    expect(errors).toEqual([]);
  });

  it.each([
    { place: "azr", formulas: 3, steps: 60 },
    { place: "one-shot", formulas: 2, steps: 45 },
  ])("quotes the recorded run of $place where none is on screen", async ({ place, formulas, steps }) => {
    const { page, errors } = await openLearn(place);
    const quoted = page.getByText(/^The recorded run that ships, (a \w+ task proposed in )?step \d+/);
    await quoted.first().waitFor({ timeout: PATIENCE });
    await expect.poll(() => quoted.count()).toBe(formulas);
    await page.getByText(new RegExp(`^The recording that ships .* seed 1, ${steps} steps`)).waitFor();
    await drawn(page);
    expect(errors).toEqual([]);
  });

  it("does not put a run's numbers into another method's formulas", async () => {
    const { page } = await openPage("");
    // Without an engine the methods to choose from are those that were recorded.
    await page.getByRole("combobox", { name: "Method" }).selectOption("1-shot RLVR");
    await page.getByText("Watch another method").click({ timeout: PATIENCE });
    await page.getByRole("button", { name: "Watch one of Absolute Zero" }).waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: "Watch a recorded run" }).click();
    const bar = page.getByRole("region", { name: "Recorded run" });
    await bar.getByText(/1-shot RLVR on kelvin-nano, seed 1/).waitFor({ timeout: PATIENCE });
    await slide(bar.getByRole("slider", { name: /Step/ }), 45);
    await page.getByText("Step 45 / 45").waitFor();
    await page.getByRole("link", { name: "Learn", exact: true }).click();
    const pages = page.getByRole("navigation", { name: "Pages of Learn" });
    await pages.getByRole("link", { name: "1-shot RLVR" }).click();
    await page.getByText(/^step \d+, one of the 16 samples/).waitFor();
    await pages.getByRole("link", { name: "Absolute Zero" }).click();
    await page.getByText(/^The recorded run that ships, step \d+, one of the 32 samples/).waitFor();
  });

  it("is read by keyboard from page to page, and back with the browser", async () => {
    const { page } = await openLearn("basics");
    await page.getByRole("navigation", { name: "Pages of Learn" }).getByRole("link", { name: "1-shot RLVR" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /^1-shot RLVR/ }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: /^How a model learns/ }).waitFor();
  });
});

describe.each(["light", "dark"] as const)("the presentation, %s", (colorScheme) => {
  it("is opened by a link and steps through the recorded run without a GPU; axe finds nothing", async () => {
    const { page, errors } = await openPage("?mode=present", { colorScheme });
    const room = page.locator("kelvin-presentation");
    await room.getByRole("alert").waitFor({ timeout: PATIENCE });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("r");
    const lit = room.locator(".path .now");
    for (const phase of ["Evaluate", "Propose", "Verify", "Solve", "Reward", "Advantage"]) {
      await lit.getByText(phase).waitFor({ timeout: PATIENCE });
      await until(page, () => document.querySelector("kelvin-app")?.store.session.motion === "paused", null);
      if (phase !== "Advantage") await page.keyboard.press("Space");
    }
    await room.getByText(/^Better than the group:/).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
  });
});
