import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { type App, openTab, PATIENCE, pick, waitForEnd, waitForSteps, withoutWebgpu } from "./drive";
import { expectNoViolations, violations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** Steps that take a moment: what they learn does not matter here. */
const TINY = "set.proposals=2&set.solverTasks=4&set.freshTasks=2&set.learnabilitySamples=1&set.seedTasks=4";

/** A task of the visitor's, as the page keeps it. */
const own = {
  version: 1,
  tasks: [
    {
      ...{ id: "yours/1", type: "deduction", program: "def f(x):\n x=x+3\n return x*2", message: "", statements: 2 },
      ...{
        pairs: [{ input: "5", output: "16" }],
        step: -1,
        normalized: "def f(v0):\n    v0 = v0 + 3\n    return v0 * 2",
      },
    },
  ],
};

async function openPage(query: string, prepare?: (page: Page) => Promise<unknown>) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const fetched: string[] = [];
  const page = await openTab(context, query, async (page) => {
    await prepare?.(page);
    page.on("request", (request) => fetched.push(request.url()));
    return page.addInitScript((tasks) => localStorage.setItem("own-tasks", tasks), JSON.stringify(own));
  });
  return { page, fetched };
}

const column = (page: Page, heading: string) => page.locator(`kelvin-sample-column[heading=${heading}]`);
type SampleColumn = HTMLElementTagNameMap["kelvin-sample-column"];
/** What a column's policy wrote, sample by sample. */
const written = (page: Page, heading: string) =>
  column(page, heading).evaluate((element) =>
    (element as SampleColumn).samples.map(({ text, verdict }) => `${text} ${verdict.verdict}`),
  );

/** Presses Compare and waits for other samples: the button may be free again before a look finds it disabled. */
async function compare(page: Page): Promise<void> {
  await column(page, "Base").evaluateAll(([shown]) => {
    if (shown) Object.assign((shown as SampleColumn).samples, { old: true });
  });
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect
    .poll(
      () =>
        column(page, "Base").evaluateAll(
          ([shown]) => shown !== undefined && !("old" in (shown as SampleColumn).samples),
        ),
      { timeout: PATIENCE },
    )
    .toBe(true);
  await page.getByRole("button", { name: "Compare", exact: true, disabled: false }).waitFor({ timeout: PATIENCE });
}

describe("Compare", () => {
  it("draws base and trained policy with the same random numbers between two steps, measures own tasks, and runs the exported model", {
    timeout: 2 * PATIENCE,
  }, async () => {
    const { page, fetched } = await openPage(`?seed=1&steps=8&preset=small&${TINY}`);
    await page
      .locator("kelvin-start-view")
      .getByRole("button", { name: "Start", exact: true })
      .click({ timeout: PATIENCE });
    // Paused in the middle of a step: the comparison finishes it first.
    await waitForSteps(page, 1);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("link", { name: "Compare" }).click();
    await pick(page, "Samples", "16");
    await compare(page);
    expect(await column(page, "Trained").getAttribute("aside")).toMatch(/^after [1-8] steps?$/);
    const base = await written(page, "Base");
    expect(base).toHaveLength(16);
    expect(
      await column(page, "Base")
        .getByText(/^\d+ of 16$/)
        .textContent(),
    ).toBe(`${base.filter((text) => text.endsWith(" CORRECT")).length} of 16`);

    const isOver = await page.evaluate(() => (document.querySelector("kelvin-app") as App).store.ended);
    if (!isOver) await page.getByRole("button", { name: "Resume" }).click();
    await waitForEnd(page);
    // The base has not moved, whatever was trained since.
    await compare(page);
    expect(await column(page, "Trained").getAttribute("aside")).toBe("after 8 steps");
    expect(await written(page, "Base")).toEqual(base);
    // Of what a cut leaves, other tokens are drawn with the same random numbers.
    await pick(page, "Drawn from", "min-p 0.1");
    await compare(page);
    expect(await written(page, "Base")).toHaveLength(16);
    expect(await written(page, "Base")).not.toEqual(base);

    expect(fetched.filter((url) => /ort|onnx/u.test(url))).toEqual([]);
    await page.getByRole("button", { name: "Add the exported model" }).click();
    await column(page, "Exported")
      .getByText("token for token the text of our own engine")
      .waitFor({ timeout: PATIENCE });
    expect(fetched.filter((url) => /\.wasm/u.test(url) && !url.startsWith(inject("pageUrl")))).toEqual([]);
    expect(await violations(page)).toEqual([]);

    // The run just made is kept on this device, and can be laid beside the recorded one.
    await page.getByRole("button", { name: "Two runs" }).click();
    await page.locator("kelvin-compare-runs wa-option[value^='kept/']").first().waitFor({ state: "attached" });
    await pick(page, "Run A, solid", /seed 1, \d+ steps$/);
    await page.getByText(/^\d+ of \d+ settings differ/).waitFor({ timeout: PATIENCE });
    await page.getByRole("row", { name: /^your-tasks, deduction/ }).waitFor();

    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByRole("button", { name: "Your tasks (1)" }).click();
    await page.getByText(/^Steps 0 → 8, greedy/).waitFor();
    await page.getByRole("link", { name: "Play" }).click();
    await page.getByRole("button", { name: "your tasks" }).waitFor();
    await page.context().close();
  });

  it("lays two runs side by side, and says what is wrong with a log", async () => {
    const { page } = await openPage("?view=compare/runs/none/none", withoutWebgpu);
    await pick(page, "Run A, solid", "the recorded run of Absolute Zero that comes with the page");
    await page.locator("kelvin-compare-runs input[type=file]").setInputFiles({
      ...{ name: "other.jsonl", mimeType: "text/plain" },
      buffer: Buffer.from("hello\n"),
    });
    await page.getByRole("alert").getByText("line 1").waitFor();
    const b = page.getByRole("combobox", { name: "Run B, dashed" });
    expect(await b.inputValue()).toBe("choose a run");
    await pick(page, "Run B, dashed", "the recorded run of Absolute Zero that comes with the page");
    await page.getByText("settings are equal").waitFor();
    await page.getByRole("row", { name: /^fresh-in-distribution, deduction/ }).waitFor();
    await expectNoViolations(page);
    await page.context().close();
  });
});
