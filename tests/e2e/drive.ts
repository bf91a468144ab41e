import type { BrowserContext, Locator, Page } from "playwright-core";
import { inject } from "vitest";
import { readRecording } from "../../src/telemetry/replay";
import type { RunState } from "../../src/telemetry/state";

/** Software adapters are slow, and other work may share the processor. */
export const PATIENCE = 240_000;
/** Very few samples and no evaluation: for tests of the page, not of what is learned. */
export const TINY =
  "?preset=small&seed=3&evaluate=0&set.proposals=4&set.solverTasks=4&set.freshTasks=2&set.seedTasks=4";

/** The example of LEAST: some answers to it are right, so that the first steps have something to learn. */
const EXAMPLE = { program: "def f(x):\\n x=x+3\\n x=x+7\\n return x+8", input: "12" };

/** The least that a run can do, for tests that train on the software GPU: four answers a step, and no search for an example. */
export const LEAST = `?method=one-shot&preset=small&seed=3&evaluate=0&set.groups=1&set.samplesPerGroup=4&adapter=gpu&set.exampleRule=by-hand&set.exampleInput=${EXAMPLE.input}&set.exampleProgram=${encodeURIComponent(EXAMPLE.program)}`;

export type App = HTMLElementTagNameMap["kelvin-app"];

/** A tab of the context at a link, `prepare`d before anything of the page is fetched. */
export async function openTab(
  context: BrowserContext,
  query: string,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(new URL(query, inject("pageUrl")).href);
  return page;
}

/** Prepares a page like a browser that cannot train: it has no WebGPU, and no WebAssembly with SIMD. */
export const withoutWebgpu = (page: Page) =>
  page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, "gpu");
    WebAssembly.validate = () => false;
  });

/** What the page throws, or writes to the console as an error: the list grows as it happens. */
export function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  return errors;
}

/** The words that the focused control is named by or shows, through every shadow root. */
export const focused = (page: Page) =>
  page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return (active?.getAttribute("aria-label") ?? active?.textContent ?? "").trim();
  });

/**
 * Runs a script in the trainer's worker before its own: what a device or a browser may do, done on purpose. The worker's policy is left
 * out, because such a script may start workers of its own.
 */
export const inTrainer = (page: Page, script: string) =>
  page.route("**/assets/trainer-*.js", async (route) => {
    const response = await route.fetch();
    const { "content-security-policy": _, ...headers } = response.headers();
    await route.fulfill({ response, headers, body: `${script}\n${await response.text()}` });
  });

/** Presses Start on the Start view as soon as it can be pressed. */
export async function start(page: Page): Promise<void> {
  const button = page.locator("kelvin-start-view").getByRole("button", { name: "Start", exact: true });
  await button.click({ timeout: PATIENCE });
}

export function waitForSteps(page: Page, steps: number): Promise<void> {
  return waitForRun(page, `step ${steps}`, ({ store }, wanted) => store.run.history.length >= wanted, steps);
}

export function waitForEnd(page: Page): Promise<void> {
  return waitForRun(page, "the run's end", ({ store }) => store.ended, 0);
}

/** Pauses the run in the step after these: a test that presses Pause may come too late for a run of few short steps. */
export async function pauseAfter(page: Page, steps: number): Promise<void> {
  await page.evaluate((wanted) => {
    const { store } = document.querySelector("kelvin-app") as App;
    const timer = setInterval(() => {
      if (store.run.history.length < wanted) return;
      clearInterval(timer);
      store.pause();
    });
  }, steps);
  await waitForSteps(page, steps);
  await page.getByRole("button", { name: "Resume" }).waitFor({ timeout: PATIENCE });
}

/** Waits for something of the run. @throws Error that says where the page stands, in its own words */
async function waitForRun(
  page: Page,
  what: string,
  isReached: (app: App, wanted: number) => boolean,
  wanted: number,
): Promise<void> {
  const reached = async () => {
    const end = performance.now() + PATIENCE;
    while (!(await page.evaluate(`!!(${isReached})(document.querySelector("kelvin-app"), ${wanted})`))) {
      if (performance.now() > end) throw new Error("too late");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await reached().catch(async (error: unknown) => {
    const state = await page.evaluate(() => {
      const { session, run } = (document.querySelector("kelvin-app") as App).store;
      const { device, progress, motion, kept, notice, failure } = session;
      const at = { status: run.status, steps: run.history.length, phases: run.current?.phases ?? null };
      return JSON.stringify({ device: device?.description, progress, motion, kept, notice, failure, ...at });
    });
    throw new Error(`${what} was not reached: ${state}`, { cause: error });
  });
}

/** The shipped run, held after its thirtieth step: the same picture every time. */
export async function holdRecording(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Watch a recorded run/ }).click();
  const scrubber = page.getByRole("slider", { name: /Step/ });
  await scrubber.waitFor({ timeout: PATIENCE });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await slide(scrubber, 30);
  await page.getByText("30 of 60", { exact: true }).waitFor();
}

/** Moves a slider, as dragging it there would. */
export async function slide(slider: Locator, to: number): Promise<void> {
  await slider.evaluate((track, value) => {
    const control = (track.getRootNode() as ShadowRoot).host as HTMLElement & { value: number };
    control.value = value;
    control.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  }, to);
}

/** Opens a choice and takes the option of that name. */
export async function pick(within: Page | Locator, label: string, option: string | RegExp): Promise<void> {
  const choice = within.getByRole("combobox", { name: label, exact: true });
  await choice.click();
  await within.getByRole("option", { name: option, exact: true }).click();
  // A list on its way out would lend its options to the next choice.
  await within.locator("wa-option:visible").first().waitFor({ state: "hidden" });
}

/** The stored log of the run on screen. */
export async function keptLog(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { library, session } = (document.querySelector("kelvin-app") as App).store;
    const find = async () => (await library?.list())?.find(({ id }) => id === session.kept?.id);
    let run = await find();
    // The page hears of the run's end before the last line is on the device.
    for (; run?.busy; run = await find()) await new Promise((resolve) => setTimeout(resolve, 100));
    return run ? ((await (await library?.log(run.id))?.text()) ?? "") : "";
  });
}

/** Events without the times that differ between equal runs. */
export const timeless = (log: string) =>
  readRecording(log).map((event) => {
    const { ms: _, timings: __, ...rest } = event as unknown as Record<string, unknown>;
    return rest;
  });

/** The whole state of the run on screen, its map as a list of entries. */
export function shownRun(page: Page) {
  return page.evaluate(() => {
    const { run } = (document.querySelector("kelvin-app") as App).store;
    const step = (state: typeof run.previous) => state && { ...state, samples: [...state.samples] };
    return JSON.stringify({ ...run, current: step(run.current), previous: step(run.previous) });
  });
}

/** The same of a state that was made here. */
export function plainRun(run: RunState): string {
  const step = (state: RunState["previous"]) => state && { ...state, samples: [...state.samples] };
  return JSON.stringify({ ...run, current: step(run.current), previous: step(run.previous) });
}
