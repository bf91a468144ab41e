import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { holdRecording, openTab, PATIENCE, pick, withoutWebgpu } from "./drive";
import { expectNoViolations, violations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** A page without a device: what is tested here needs the verifier alone. */
async function openPage(query: string, width = 1280): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
  return openTab(context, query, withoutWebgpu);
}

/** The recorded run after its thirtieth step, in the Tasks view. */
async function openRecordedTasks(): Promise<Page> {
  const page = await openPage("");
  await holdRecording(page);
  await page.getByRole("link", { name: "Tasks" }).click();
  await table(page).getByRole("row").nth(5).waitFor();
  return page;
}

const table = (page: Page) => page.getByRole("table", { name: "Tasks of the run" });
const filter = (page: Page, name: string) => page.locator(`kelvin-run-tasks form [name=${name}]`);
const rowCount = async (page: Page) => Number(await table(page).getAttribute("aria-rowcount")) - 1;

/** Sends an answer and reads what the verifier says of it. */
async function judge(page: Page, answer: string): Promise<string> {
  const form = page.locator("kelvin-try-task");
  await form.getByRole("textbox").fill(answer);
  await form.getByRole("button", { name: "Judge" }).click();
  const verdict = form.getByRole("status").locator("b");
  await verdict.waitFor({ timeout: PATIENCE });
  return (await verdict.textContent()) ?? "";
}

describe("the tasks of a run", () => {
  it("are listed, filtered, sorted and walked through by keyboard, a few rows at a time", async () => {
    const page = await openRecordedTasks();
    const all = await rowCount(page);
    expect(all).toBeGreaterThan(2000);
    expect(await table(page).getByRole("row").count()).toBeLessThan(100);

    await pick(page, "Type", "Abduction");
    await pick(page, "Solved", "sometimes solved");
    await page.getByText(new RegExp(`of ${all.toLocaleString("en-US")} tasks`)).waitFor();
    const some = await rowCount(page);
    expect(some).toBeGreaterThan(50);
    expect(some).toBeLessThan(all / 3);

    await table(page).getByRole("button", { name: "Solve rate when it was rated" }).click();
    const header = table(page).getByRole("columnheader", { name: "Solve rate when it was rated" });
    expect(await header.getAttribute("aria-sort")).toBe("descending");
    expect(await table(page).getByRole("row").nth(1).textContent()).toContain("0.75");

    await table(page).locator("[data-index='0']").focus();
    await page.keyboard.press("End");
    await page.locator(`kelvin-task-table [data-index='${some - 1}']:focus`).waitFor();
    expect(
      await table(page)
        .locator(`[aria-rowindex='${some + 1}']`)
        .textContent(),
    ).toContain("0.25");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Abduction" }).waitFor();

    await filter(page, "text").fill("no such program");
    await page.getByText("No task fits the filter.").waitFor();
    await page.context().close();
  });

  it("are judged by the verifier when the visitor tries them, without a device too", async () => {
    const page = await openRecordedTasks();
    await pick(page, "Type", "Deduction");
    await table(page).locator("[data-index='0']").click();
    await page.getByText("Show the output").click();
    const gold = (await page.locator("kelvin-task-details details .answer").textContent()) ?? "";
    expect(await judge(page, gold)).toBe("Right");
    expect(await judge(page, `${gold},${gold}`)).not.toBe("Right");
    expect(await judge(page, `f(${gold})`)).toBe("No answer");
    await page.context().close();
  });

  it("break no rule of axe, table and map and an open task, light and dark", async () => {
    const page = await openRecordedTasks();
    await pick(page, "Type", "Induction");
    await table(page).locator("[data-index='0']").click();
    await page.locator("kelvin-python-editor .cm-content").waitFor();
    await expectNoViolations(page, "table and task");
    await page.getByRole("button", { name: "Table" }).click();
    await page.getByRole("dialog", { name: "Difficulty over time" }).waitFor();
    await expectNoViolations(page, "map");
    await page.context().close();
  });
});

describe("the visitor's own pairs", () => {
  it("are written, checked, edited, saved, read from a file and removed, on a phone", async () => {
    const page = await openPage("?view=tasks/pairs", 360);
    const form = page.locator("kelvin-pair-form");
    const keep = () => form.getByRole("button", { name: "Check and keep" }).click();
    await form.getByLabel("Answer").fill("11");
    await keep();
    await form.getByText("the answer does not end with <ans> and a value").waitFor({ timeout: PATIENCE });
    await form.getByLabel("Answer").fill("<ans>13");
    await keep();
    await form.getByText("f(5) is 13").waitFor({ timeout: PATIENCE });
    await page.reload();
    await page.getByRole("button", { name: "Edit x=x+4; x=x*2; return x-5 on 5" }).click();
    expect(await form.getByLabel("Answer").inputValue()).toBe("<ans>13");
    await form.getByLabel("Answer").fill("");
    await keep();
    await page.getByText("worked out: 13").waitFor({ timeout: PATIENCE });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);

    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as a file" }).click();
    const saved = readFileSync(await (await saving).path(), "utf8");
    const wrong = saved.replace('"13"', '"17"');
    const file = page.getByLabel("File of pairs");
    await file.setInputFiles({ name: "wrong.jsonl", mimeType: "text/plain", buffer: Buffer.from(saved + wrong) });
    await page.getByRole("alert").getByText("pair/2: its output is 13, not 17").waitFor({ timeout: PATIENCE });
    const more = saved.replace('"5"', '"6"').replace('"13"', '""');
    await file.setInputFiles({ name: "more.jsonl", mimeType: "text/plain", buffer: Buffer.from(saved + more) });
    await page.getByText("1 pair of 2 added.").waitFor({ timeout: PATIENCE });
    await page.getByText("worked out: 15").waitFor();
    await page.getByRole("button", { name: "Remove x=x+4; x=x*2; return x-5 on 5" }).click();
    await page.getByRole("button", { name: "Your pairs (1)" }).waitFor();
    await page.getByRole("button", { name: "Remove all" }).click();
    await page.getByRole("button", { name: "Your pairs (0)" }).waitFor();
    await page.context().close();
  });
});

describe("the visitor's own tasks", () => {
  it("are ruled on by the verifier, kept on the device, tried and removed, on a phone", async () => {
    const page = await openPage("?view=tasks/yours", 360);
    const form = page.locator("kelvin-own-task-form");
    await form.locator(".cm-content").fill("def f(x):\n    return x\n");
    await form.getByLabel("Input", { exact: true }).fill("5");
    await form.getByRole("button", { name: "Check and keep" }).click();
    await form.getByText("Refused").waitFor({ timeout: PATIENCE });
    expect(await form.getByRole("listitem").filter({ hasText: "Worth asking" }).textContent()).toContain(
      "output is the input",
    );
    expect(await violations(page)).toEqual([]);

    await form.locator(".cm-content").fill("def f(x):\n    x = x + 3\n    return x * 2\n");
    await form.getByRole("button", { name: "Check and keep" }).click();
    await form.getByText("f(5) is 16").waitFor({ timeout: PATIENCE });
    await page.reload();
    await page.getByRole("button", { name: "Your tasks (1)" }).waitFor();
    await page.getByRole("button", { name: "x=x+3; return x*2", exact: true }).click();
    expect(await judge(page, "16")).toBe("Right");
    expect(await judge(page, "17")).toBe("Wrong");
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.getByRole("button", { name: "Remove x=x+3; return x*2" }).click();
    await page.getByRole("button", { name: "Your tasks (0)" }).waitFor();
    await page.context().close();
  });

  it("are one list in all tabs, whichever was opened first", async () => {
    const first = await openPage("?view=tasks/yours");
    const second = await openTab(first.context(), "?view=tasks/yours", withoutWebgpu);
    const shows = (page: Page, count: number) =>
      page.getByRole("button", { name: `Your tasks (${count})` }).waitFor({ timeout: PATIENCE });
    const keep = (page: Page) =>
      page.locator("kelvin-own-task-form").getByRole("button", { name: "Check and keep" }).click();
    await keep(first);
    await shows(first, 1);
    await shows(second, 1);
    await second.locator("kelvin-own-task-form .cm-content").fill("def f(x):\n    x = x - 1\n    return x * 3\n");
    await keep(second);
    await shows(second, 2);
    await shows(first, 2);
    await first.getByRole("button", { name: "Remove x=x+3; return x*2" }).click();
    await shows(second, 1);
    await second.reload();
    await second.getByRole("button", { name: "x=x-1; return x*3", exact: true }).waitFor();
    await first.context().close();
  });

  it("that cannot be read are put aside and said so", async () => {
    const page = await openPage("?view=tasks/yours");
    await page.evaluate(() => localStorage.setItem("own-tasks", "{"));
    await page.reload();
    await page.getByRole("alert").getByText("could not be read").waitFor();
    await page.context().close();
  });
});
