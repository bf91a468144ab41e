import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageServer } from "../../scripts/lib/page.mjs";
import type { Task, TaskType } from "../../src/contracts";
import type { Scene } from "../../src/ui/scenes";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { faultsOf, placesOf, watchCanvases } from "./overflow";
import { serveScripted } from "./scripted";
import { until } from "./until";

/**
 * No value, label or number is cut, leaves its box or lies over another: in every view, with the longest values that a
 * run can make. One page, led from view to view and measured at every width.
 */
const SIZES = [
  [360, 780],
  [768, 1024],
  [1024, 768],
  [1440, 900],
  [1920, 1080],
] as const;

let browser: Browser;
let server: PageServer;
let page: Page;
beforeAll(async () => {
  server = await serveScripted("test-overflow");
  browser = await sharedBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  await watchCanvases(page);
  await page.goto(`${server.url}?run=longest&speed=40`);
  await until(page, () => document.querySelector("kelvin-app")?.store.session.loaded, null);
  await page.evaluate(() => document.fonts.ready);
});
afterAll(async () => {
  await leaveBrowser();
  await server?.close();
});

/** Sizes are observed in one frame, and what depends on them is drawn in the next. */
const settled = () =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50)))),
  );

async function paint(theme: "light" | "dark"): Promise<void> {
  await page.evaluate((name) => {
    document.documentElement.dataset["theme"] = name;
  }, theme);
  await settled();
}

/** What is wrong on screen, at every width; in the dark everything lies where it does in the light. */
async function measured(state: string): Promise<string[]> {
  const found: string[] = [];
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await settled();
    if (process.env["SHOTS"] && /^two|^runs|^learn|^play deduction/.test(state))
      await page.screenshot({ path: `${process.env["SHOTS"]}/${state}-${width}.png` });
    for (const { fault, by, text, where } of await faultsOf(page))
      found.push(`${state} ${width}: ${fault} by ${by} px: "${text}" in ${where}`);
  }
  if (process.env["SHOTS"]) console.log(`\n${found.join("\n")}`);
  await paint("dark");
  const dark = await placesOf(page);
  await paint("light");
  expect(await placesOf(page), `${state} in the dark`).toEqual(dark);
  return found;
}

/** As long as a line of the visitor's own may be expected to be. */
const LONG_TASK: Task = {
  ...{
    id: "",
    type: "deduction",
    program: `def f(x):\n ${"w".repeat(60)}=x*987654321\n return ${"w".repeat(60)}%1000`,
  },
  ...{ pairs: [{ input: "-123456789", output: "-98765432" }], message: "a word ".repeat(40), statements: 2, step: -1 },
  normalized: "",
};

type Store = HTMLElementTagNameMap["kelvin-app"]["store"];

/** Does something with the page's store, and waits until what follows from it is drawn. */
async function lead<T = null>(does: (store: Store, value: T) => unknown, value?: T): Promise<void> {
  await page.evaluate(`(${does})(document.querySelector("kelvin-app").store, ${JSON.stringify(value ?? null)})`);
  await settled();
}

const untilStore = async (holds: (store: Store) => unknown) => {
  const drawn = () => page.evaluate(`!!(${holds})(document.querySelector("kelvin-app").store)`);
  await expect.poll(drawn).toBe(true);
};

const visit = (...place: [view: string, detail?: string]) =>
  lead((store, [view, detail = ""]) => store.whereabouts.show(view, detail), place);

/** Puts a task on the stage: the first of its type, or the first that was refused. */
const show = (kind: TaskType | "refused") =>
  lead((store, wanted) => {
    const { scenesOf } = window as unknown as { scenesOf: (step: Store["stageStep"]) => readonly Scene[] };
    const isRefused = ({ proposal }: Scene) => proposal?.verdict !== undefined && proposal.verdict.verdict !== "VALID";
    const scene = scenesOf(store.stageStep).find((one) =>
      wanted === "refused" ? isRefused(one) : one.type === wanted && !isRefused(one),
    );
    if (!scene) throw new Error(`no scene: ${wanted}`);
    store.select({ scene: scene.id, attempt: null });
  }, kind);

const press = (name: string | RegExp) =>
  page
    .getByRole("button", { name, exact: typeof name === "string" })
    .first()
    .click();

/** A dialog that a button opens, measured and left again. */
async function dialog(button: string | RegExp, heading: string | RegExp): Promise<string[]> {
  await page.setViewportSize({ width: 1440, height: 900 });
  await press(button);
  const opened = page.getByRole("dialog", { name: heading }).first();
  await opened.waitFor();
  for (const summary of await opened.locator("summary").all()) await summary.click();
  const found = await measured(`dialog ${heading}`);
  await page.keyboard.press("Escape");
  await opened.waitFor({ state: "hidden" });
  return found;
}

/** A run's menu, its name while it is changed, and the question before it is deleted. */
async function menusOfRuns(): Promise<string[]> {
  const found: string[] = [];
  const more = page.getByRole("button", { name: /^More for/ }).first();
  await page.setViewportSize({ width: 1440, height: 900 });
  await more.click();
  await page.getByRole("menuitem", { name: "Rename" }).waitFor();
  found.push(...(await measured("a run's menu")));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("New name").waitFor();
  found.push(...(await measured("a run's new name")));
  await page.getByRole("button", { name: "Cancel" }).click();
  await more.click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const question = page.getByRole("dialog", { name: "Delete this run?" });
  await question.waitFor();
  found.push(...(await measured("a run before it is deleted")));
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  return found;
}

describe("with the longest values a run can make, nothing is cut or leaves its box", () => {
  it("on Start", async () => {
    expect(await measured("start")).toEqual([]);
  });

  it("on Play, while it is written and when it is compared, for every kind of task", async () => {
    const found: string[] = [];
    await lead((store) => store.start());
    await untilStore((store) => store.run.history.length >= 4);
    await lead((store) => store.stepTo("advantage"));
    await untilStore((store) => store.session.motion === "paused" && store.run.current.credits.length > 0);
    for (const kind of ["deduction", "abduction", "induction", "refused"] as const) {
      await show(kind);
      found.push(...(await measured(`play ${kind}`)));
    }
    await show("deduction");
    await page.setViewportSize({ width: 1440, height: 900 });
    await press("tokens");
    found.push(...(await measured("play tokens")));
    await press("tokens");
    await press(/^advantage .* why this number/);
    const why = page.getByRole("dialog", { name: /^Why/ });
    // Its formulas and their fonts are fetched when they are first opened.
    await why.locator("summary").click();
    await why.locator(".katex").first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    found.push(...(await measured("why this number")));
    await page.keyboard.press("Escape");
    await why.waitFor({ state: "detached" });
    await lead((store) =>
      store.notify(`${"What went wrong ".repeat(8)}${"x".repeat(90)}`, "What to do about it, ".repeat(9)),
    );
    found.push(...(await measured("play with a notice")));
    await lead((store) => store.forgetNotice());
    expect(found).toEqual([]);
  });

  it("on Play, while answers are written", async () => {
    await lead((store) => store.select({ scene: null, attempt: null }));
    await lead((store) => store.resume());
    await untilStore((store) => store.liveAttempts.length > 0);
    await lead((store) => store.pause());
    await untilStore((store) => store.session.motion === "paused");
    const found = await measured("play while it is written");
    await lead((store) => store.stepTo("advantage"));
    await untilStore((store) => store.session.motion === "paused" && store.run.current.credits.length > 0);
    await show("deduction");
    expect(found).toEqual([]);
  });

  it("in every dialog and sheet over Play", async () => {
    const found: string[] = [];
    for (const [button, heading] of [
      [/^Completion length/, "Completion length"],
      ["Table", /Held-out/],
      [/^Safety/, "Safety"],
      ["Settings", /^Settings/],
      [/^Recorded on/, "Device"],
      [/^Model/, "Model"],
      ["About this recording", "About this recording"],
    ] as const)
      found.push(...(await dialog(button, heading)));
    expect(found).toEqual([]);
  });

  it("in Tasks, Compare, Runs and Learn", async () => {
    const found: string[] = [];
    await visit("tasks");
    await page.locator("kelvin-task-table [role=rowheader] button").first().click();
    await page.locator("kelvin-task-details summary").click();
    found.push(...(await measured("tasks")));
    await visit("tasks", "yours");
    found.push(...(await measured("your tasks")));
    await lead((store, task) => store.changeOwnTasks((own) => own.add({ ...task, id: own.nextId })), LONG_TASK);
    found.push(...(await measured("your tasks, one of them there")));
    await visit("compare");
    await page.setViewportSize({ width: 1440, height: 900 });
    await press("Compare");
    await press("Add the exported model");
    await page.locator("kelvin-sample-column").nth(2).waitFor();
    found.push(...(await measured("compare")));
    await visit("compare", "runs/kept:run-0/kept:run-1");
    await page.locator("kelvin-compare-runs section").nth(1).waitFor();
    found.push(...(await measured("two runs")));
    await visit("runs");
    await page.locator("kelvin-run-row").first().waitFor();
    found.push(...(await measured("runs")));
    found.push(...(await menusOfRuns()));
    await visit("learn");
    await page.locator("kelvin-learn-view .katex").first().waitFor();
    for (const name of ["basics", "azr", "one-shot", "glossary"]) {
      await visit("learn", name);
      await settled();
      found.push(...(await measured(`learn ${name}`)));
    }
    expect(found).toEqual([]);
  });

  it("in the presentation", async () => {
    await lead((store) => store.whereabouts.present(true));
    await page.locator("kelvin-presentation .caption").waitFor();
    expect(await measured("presentation")).toEqual([]);
  });
});
