import { expect, it } from "vitest";
import { launchBrowser } from "../setup/browser";
import { inTrainer, openTab, PATIENCE, start, waitForSteps } from "./drive";

/**
 * When a pause was asked for, when the submits under way at that moment were done, and when the run rested; and how long the
 * device worked at every submit since the last pause.
 */
const WATCH = `
  const running = new Set(), heard = new BroadcastChannel("pauses");
  const { submit } = GPUQueue.prototype, { postMessage } = self;
  let free = 0, submits = [];
  GPUQueue.prototype.submit = function (buffers) {
    const begun = performance.now();
    submit.call(this, buffers);
    const done = this.onSubmittedWorkDone().then(() => {
      const now = performance.now();
      submits.push(now - Math.max(begun, free));
      free = now;
      running.delete(done);
    });
    running.add(done);
  };
  let asked = 0, busy = null;
  self.addEventListener("message", ({ data }) => {
    if (data.type !== "pause") return;
    asked = performance.now();
    busy = Promise.all(running).then(() => performance.now());
  });
  self.postMessage = (reply, ...rest) => {
    const now = performance.now();
    if (reply.type === "paused" && busy) busy.then((done) => {
      heard.postMessage({ wait: now - asked, late: now - done, submits });
      submits = [];
    });
    return postMessage.call(self, reply, ...rest);
  };`;

const PRESSES = 6;
/** A submit is sized to take about half of it; other work on the machine stretches single ones. */
const SUBMIT_MS = 150;

interface Pause {
  readonly wait: number;
  readonly late: number;
  readonly submits: readonly number[];
}

/** The number below which that share of the numbers lies. */
function quantile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.POSITIVE_INFINITY;
}

it("Pause in the page acts within 200 ms of the submits under way, which are short", {
  timeout: 2 * PATIENCE,
}, async () => {
  const browser = await launchBrowser();
  const context = await browser.newContext();
  const page = await openTab(context, "?preset=small&seed=3&evaluate=0&steps=50&adapter=gpu", (page) =>
    inTrainer(page, WATCH),
  );
  await page.evaluate(() => {
    const pauses: unknown[] = [];
    new BroadcastChannel("pauses").onmessage = ({ data }) => pauses.push(data);
    Object.assign(window, { pauses });
  });
  await start(page);
  await waitForSteps(page, 1);
  const main = page.getByRole("group", { name: "Run controls" });
  for (let press = 0; press < PRESSES; press++) {
    await main.getByRole("button", { name: "Pause" }).click();
    await main.getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
    // Into the phases in turn.
    await page.waitForTimeout(170 + 180 * press);
  }
  const pauses = await page.evaluate(() => (window as unknown as { pauses: Pause[] }).pauses);
  // Before the first pause, kernels are compiled.
  const submits = pauses.slice(1).flatMap((pause) => pause.submits);
  const [median, nearlyAll] = [0.5, 0.95].map((share) => quantile(submits, share)) as [number, number];
  const worst = Math.max(...pauses.map(({ late }) => late));
  const longest = Math.max(...pauses.map(({ wait }) => wait));
  console.log(
    `${pauses.length} pauses: ${Math.round(worst)} ms after the submits under way at most, ${Math.round(longest)} ms after the press`,
    `\n${submits.length} submits: ${Math.round(median)} ms in the middle, 95 % under ${Math.round(nearlyAll)} ms`,
  );
  expect(pauses.length).toBe(PRESSES);
  expect(worst).toBeLessThan(200);
  expect(median).toBeLessThan(SUBMIT_MS);
  await browser.close();
});
