import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageServer } from "../../scripts/lib/page.mjs";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { serveScripted } from "./scripted";
import { until } from "./until";

let server: PageServer;
/** One page for all tests, led from state to state: that takes a third of the time of a new one. */
let page: Page;
beforeAll(async () => {
  server = await serveScripted("test-stage");
  page = await (await sharedBrowser()).newPage({ reducedMotion: "reduce" });
});
afterAll(async () => {
  await leaveBrowser();
  await server?.close();
});

async function openStage(query: string, viewport: { width: number; height: number }): Promise<Page> {
  await page.setViewportSize(viewport);
  await page.goto(`${server.url}?${query}`);
  await until(page, () => document.querySelector("kelvin-app")?.store.session.loaded, null);
  return page;
}

/** Plays four steps, then phase by phase until advantages are there, and rests. */
async function playToAdvantages(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelector("kelvin-app")?.store.start());
  await until(page, () => (document.querySelector("kelvin-app")?.store.run.history.length ?? 0) >= 4, null);
  for (let phase = 0; phase < 8; phase++) {
    await page.evaluate(() => document.querySelector("kelvin-app")?.store.stepPhase());
    await until(page, () => document.querySelector("kelvin-app")?.store.session.motion === "paused", null);
    const there = await page.evaluate(() => document.querySelector("kelvin-app")?.store.run.current.credits.length);
    if (there) return;
    // The source answers a step with "running" and then with "paused": the next one must not be taken for this one.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
  throw new Error("no advantages within eight phases");
}

describe("the stage", () => {
  it.each([
    [360, 780, "light"],
    [768, 1024, "dark"],
    [1440, 900, "dark"],
    [1920, 1080, "light"],
  ])("fits %i × %i, %s, before and during a run", async (width, height, theme) => {
    const page = await openStage(`theme=${theme}&speed=40`, { width, height });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await playToAdvantages(page);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  it("names every control, and speaks through one polite region", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    const nameless = await page.evaluate(() => {
      const found: string[] = [];
      const visit = (root: Document | ShadowRoot): void => {
        for (const element of root.querySelectorAll("*")) {
          if (element.shadowRoot) visit(element.shadowRoot);
          if (!element.matches("button, select, input:not([hidden]), a, [role=img], progress, dialog, [role=dialog]"))
            continue;
          const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
          const named =
            element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || labels.length > 0;
          // Words in a slot belong to the element around the shadow root.
          const words = element.querySelector("slot") && root instanceof ShadowRoot ? root.host : element;
          if (!named && words.textContent?.trim() === "" && !element.closest("[aria-hidden=true]"))
            found.push(element.outerHTML.slice(0, 120));
        }
      };
      visit(document);
      return found;
    });
    // Charts inside gauges are decoration: the button around them says their last values.
    expect(nameless.filter((html) => !html.includes('class="plot"'))).toEqual([]);
    expect(await page.getByRole("status").count()).toBe(1);
  });

  it("reads the log-probability of one token after another by arrow key", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    const listing = page.getByRole("group", { name: /tinted by surprise/ });
    await listing.focus();
    await page.keyboard.press("ArrowRight");
    await page.getByText(/token 1 of \d+/).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByText(/token 2 of \d+/).waitFor();
    const shown = await page.locator("kelvin-token-listing .read").textContent();
    expect(shown).toMatch(/log p\s+(−|)\d\.\d\d, p \d\.\d\d/);
  });

  it("shows a proposal as its tokens too", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    const card = page.locator("kelvin-proposer-card");
    await card.getByRole("button", { name: "tokens" }).click();
    await card.getByRole("group", { name: /tinted by surprise/ }).focus();
    await page.keyboard.press("ArrowRight");
    await card.getByText(/token 1 of \d+/).waitFor();
    await card.getByRole("button", { name: "tokens" }).click();
    await card.getByRole("group", { name: "Program" }).waitFor();
  });

  it("has behind each gauge its meaning and the same numbers as a table", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    await page.getByRole("button", { name: /^Trace share/ }).click();
    const dialog = page.getByRole("dialog", { name: "Trace share" });
    await dialog.waitFor();
    const panel = page.locator("kelvin-gauge-panel > kelvin-dialog, kelvin-gauge-panel kelvin-dialog").last();
    await panel.getByText(/discovers that it pays/).waitFor();
    const steps = await page.evaluate(() => document.querySelector("kelvin-app")?.store.run.history.length);
    expect(await panel.getByRole("row").count()).toBe((steps ?? 0) + 1);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  });

  it("turns to other tasks and back to following the run", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    const place = page.locator("kelvin-play-stage .where");
    const before = await place.textContent();
    await page.getByRole("button", { name: "Next task" }).click();
    await expect.poll(() => place.textContent()).not.toBe(before);
    await page.getByRole("button", { name: "Follow the run" }).click();
    await expect.poll(() => place.textContent()).toBe(before);
  });
});

/** The page has come to rest after one press of a key. */
async function pressAndRest(page: Page, key: string): Promise<void> {
  const before = await page.evaluate(() => document.querySelector("kelvin-app")?.store.run.ms ?? 0);
  await page.keyboard.press(key);
  await until(
    page,
    (ms) => {
      const store = document.querySelector("kelvin-app")?.store;
      return store !== undefined && store.run.ms > ms && store.session.motion === "paused";
    },
    before,
    20_000,
  );
}

describe("step mode", () => {
  it("walks the path by the space bar, and explains each pause with its numbers", async () => {
    const page = await openStage("speed=40&steps=3", { width: 1440, height: 900 });
    const lit = page.locator("kelvin-phase-path [aria-current=step]");
    const explainer = page.locator("kelvin-explainer");
    await page.locator("kelvin-app").evaluate((app) => app.shadowRoot?.querySelector("main")?.focus());
    // An evaluation comes before the first step.
    for (const phase of ["Evaluate", "Propose", "Verify", "Solve", "Reward", "Advantage", "Update"]) {
      await pressAndRest(page, "Space");
      // The run rests where it rests; the page draws it a frame later.
      await expect.poll(() => lit.getAttribute("aria-label")).toMatch(new RegExp(`^${phase},`));
      await explainer.getByRole("heading", { name: /^Paused: / }).waitFor();
      expect(await explainer.locator(".note").textContent()).toMatch(/\d/);
    }
    // The figures of the update are there when it pauses.
    await explainer.getByText(/made from [\d,]+ tokens; the gradient had norm/).waitFor();
  });

  it("goes on to a phase that is pressed", async () => {
    const page = await openStage("speed=40&steps=3", { width: 1440, height: 900 });
    await pressAndRest(page, "Space");
    await page
      .getByRole("button", { name: /^Reward/ })
      .first()
      .click();
    await page.locator("kelvin-phase-path li.now").getByText("Reward").waitFor();
  });
});

describe("why this number", () => {
  it("opens reward, advantage and share of the loss, and they agree with the run", async () => {
    const page = await openStage("speed=40", { width: 1440, height: 900 });
    await playToAdvantages(page);
    await page.evaluate(() => {
      const store = document.querySelector("kelvin-app")?.store;
      const trained = store?.scene?.attempts.find(({ share }) => share !== null);
      store?.select({ attempt: trained?.record.sample.id ?? null });
    });
    await page.locator("kelvin-opened-attempt kelvin-heat-chip button").click();
    const dialog = page.getByRole("dialog", { name: /^Why/ });
    await dialog.getByRole("math").first().waitFor();
    const equations = await dialog
      .getByRole("math")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    const numbers = equations.map((text) =>
      [...(text ?? "").replaceAll("−", "-").matchAll(/-?\d[\d,.]*/g)].map(([n]) => Number(n.replaceAll(",", ""))),
    );
    const [[reward = 0, mean = 0, spread = 1, advantage = 0] = [], [pull = 0, tokens = 0, total = 1, term = 0] = []] =
      numbers;
    // Each number is rounded where it is written: as much may the two sides differ.
    const written = 0.005;
    const rounding = (2 * written + written * Math.abs(advantage)) / spread + written;
    if (spread > 0) expect(Math.abs((reward - mean) / spread - advantage)).toBeLessThanOrEqual(rounding);
    expect(pull).toBe(advantage);
    expect(Math.abs((-advantage * tokens) / total - term)).toBeLessThanOrEqual(
      (written * tokens) / total + written / 100,
    );
    await dialog.getByText(/The loss of the step is known when its update is done/).waitFor();
    await dialog.locator("summary").click();
    await dialog.locator("kelvin-formula").first().waitFor();
    // The moment stays while training goes on; its loss is filled in when the step has ended.
    await page.evaluate(() => document.querySelector("kelvin-app")?.store.stepPhase());
    await dialog.getByText(/add up to the step's loss, [−+]0\.\d{4}/).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });
});

describe("presentation", () => {
  it("is entered, led and left by keyboard alone, and looks back without moving the run", async () => {
    const page = await openStage("speed=40&steps=3", { width: 1280, height: 720 });
    await page.keyboard.press("f");
    const room = page.locator("kelvin-presentation");
    await room.getByRole("heading", { name: "A small model teaches itself." }).waitFor();
    expect(new URL(page.url()).searchParams.get("mode")).toBe("present");
    for (let press = 0; press < 6; press++) await pressAndRest(page, press % 2 === 0 ? "Space" : "ArrowRight");
    await room.locator(".path .now").getByText("Advantage").waitFor();
    expect(await room.locator(".caption b").count()).toBe(2);
    const held = await page.evaluate(() => document.querySelector("kelvin-app")?.store.run.ms);
    await page.keyboard.press("ArrowLeft");
    await room.locator(".path .now").getByText("Reward").waitFor();
    await page.keyboard.press("ArrowRight");
    await room.locator(".path .now").getByText("Advantage").waitFor();
    expect(await page.evaluate(() => document.querySelector("kelvin-app")?.store.run.ms)).toBe(held);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
    // The dialog tells of its closing when it has faded out.
    const leave = async () => {
      await page.keyboard.press("Escape");
      return room.count();
    };
    await expect.poll(leave).toBe(0);
    expect(new URL(page.url()).searchParams.get("mode")).toBeNull();
  });

  it.each([
    [1280, 720, "dark"],
    [1920, 1080, "light"],
    [360, 780, "light"],
  ])("fits %i × %i, %s", async (width, height, theme) => {
    const page = await openStage(`theme=${theme}&speed=40`, { width, height });
    await playToAdvantages(page);
    await page.keyboard.press("f");
    await page.locator("kelvin-presentation .caption").waitFor();
    const over = await page.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      document.documentElement.scrollHeight - innerHeight,
    ]);
    expect(over[0]).toBeLessThanOrEqual(0);
    if (width >= 1280) expect(over[1]).toBeLessThanOrEqual(0);
  });
});
