import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { errorsOf, openTab, PATIENCE, start, waitForEnd } from "./drive";

/** Markup that would act if it were taken for markup. */
const MARKUP = `<img src=x onerror="hacked='img'"><script>hacked='script'</script><a href="javascript:hacked='link'">a</a>`;
const QUOTED = JSON.stringify(MARKUP);

const programs = Object.fromEntries(
  (["deduction", "abduction", "induction"] as const).map((type) => {
    const program = `def f(x):\n return x#${MARKUP}`;
    const many = Array.from({ length: type === "induction" ? 5 : 1 }, () => QUOTED);
    return [type, { reference: program, program, inputs: many, outputs: many }];
  }),
) as never;
const worked = `<think>\n return x#${MARKUP}<ans>${MARKUP}`;
const texts = { programs, traces: { deduction: worked, abduction: worked, induction: worked } };
const HOSTILE_LOG = [...scriptedRun({ seed: 2, steps: 2, proposals: 2, rollouts: 2, texts })]
  .map((one) => logLine(one) ?? "")
  .join("");

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Every request of the page, its frames and its workers. */
const asked: string[] = [];
let errors: string[];

const RUN = "?method=one-shot&preset=small&seed=3&steps=1&evaluate=0&set.candidates=16&adapter=cpu";

beforeAll(async () => {
  browser = await sharedBrowser();
  context = await browser.newContext();
  context.on("request", (request) => asked.push(request.url()));
  page = await openTab(context, RUN, async (opened) => {
    errors = errorsOf(opened);
  });
});
afterAll(leaveBrowser);

/** Nothing acted, and nothing of the text became an element, through every shadow root. */
async function expectText(): Promise<void> {
  const made = await page.evaluate(() => {
    const within = (root: Document | ShadowRoot): Element[] =>
      [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]);
    const harmful = within(document).filter(
      (one) =>
        one.matches("[onerror], img[src=x], a[href^='javascript:' i]") ||
        /hacked=/.test((one as HTMLScriptElement).src ?? ""),
    );
    return { harmful: harmful.map(({ outerHTML }) => outerHTML), hacked: "hacked" in window };
  });
  expect(made).toEqual({ harmful: [], hacked: false });
}

it("trains, plays and exports, and asks nobody but its own origin", { timeout: 2 * PATIENCE }, async () => {
  await start(page);
  await waitForEnd(page);
  await page.goto(new URL("?view=runs", inject("pageUrl")).href);
  await page.getByRole("button", { name: /^More for/ }).click({ timeout: PATIENCE });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export: Log (JSONL)" }).click(),
  ]);
  expect(await download.failure()).toBeNull();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("slider", { name: /Step/ }).waitFor({ timeout: PATIENCE });
  const origin = new URL(inject("pageUrl")).origin;
  expect(asked.some((address) => address.endsWith("pyodide.asm.wasm"))).toBe(true);
  expect(asked.some((address) => /\/assets\/trainer-/.test(address))).toBe(true);
  const elsewhere = asked.filter((address) => !/^(?:blob|data):/.test(address) && new URL(address).origin !== origin);
  expect(elsewhere).toEqual([]);
  expect(errors).toEqual([]);
});

it("shows markup in a log's programs and answers, and in its name, as text", { timeout: PATIENCE }, async () => {
  await page.goto(new URL("?view=runs", inject("pageUrl")).href);
  const name = `${MARKUP.replaceAll("/", "")}.jsonl`;
  await page
    .locator("kelvin-runs-view input[type=file]")
    .setInputFiles({ name, mimeType: "", buffer: Buffer.from(HOSTILE_LOG) });
  await page.locator("kelvin-run-row").getByText("2 of 2 steps, a recording").first().waitFor();
  await expectText();
  const row = page.locator("kelvin-run-row").filter({ hasText: "2 of 2 steps, a recording" }).first();
  await row.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("slider", { name: /Step/ }).waitFor({ timeout: PATIENCE });
  for (const view of ["play", "tasks", "learn", "compare"]) {
    await page.evaluate((one) => document.querySelector("kelvin-app")?.store.whereabouts.show(one), view);
    await page.waitForTimeout(500);
    if (view === "tasks") await page.getByText("onerror=").first().waitFor({ timeout: PATIENCE });
    await expectText();
  }
});

it("shows markup in links as text", { timeout: PATIENCE }, async () => {
  for (const value of [MARKUP, "javascript:hacked=1", `https://x.invalid/${MARKUP}/`]) {
    const parameters = ["model", "replay", "method", "set.candidates", "view", "detail"];
    const query = parameters.map((parameter) => `${parameter}=${encodeURIComponent(value)}`).join("&");
    await page.goto(new URL(`?${query}`, inject("pageUrl")).href);
    await page.locator("kelvin-top-bar").waitFor();
    await page.waitForTimeout(300);
    await expectText();
  }
});

it("would stop markup that a mistake let in", async () => {
  const ends = await page.evaluate(() => {
    const attempt = (act: () => unknown): string => {
      try {
        act();
        return "done";
      } catch (error) {
        return (error as Error).name;
      }
    };
    return [
      attempt(() => {
        document.createElement("div").innerHTML = "<img src=x onerror=hacked=1>";
      }),
      attempt(() => new Worker("https://stranger.invalid/worker.js")),
    ];
  });
  expect(ends).toEqual(["TypeError", "TypeError"]);
  await expect(page.evaluate(() => fetch("https://stranger.invalid/").then(() => "done"))).rejects.toThrow(/fetch/);
  const violated = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        void fetch("https://stranger.invalid/").catch(() => null);
      }),
  );
  expect(violated).toBe("connect-src");
});
