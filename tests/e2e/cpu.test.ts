import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecording } from "../../src/telemetry/replay";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { trainInNode } from "../setup/train-in-node";
import { inTrainer, keptLog, LEAST, openTab, PATIENCE, pauseAfter, start, TINY, timeless, waitForEnd } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** A browser without WebGPU, in the page and in its workers. */
const withoutGpu = async (page: Page) => {
  await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
  await inTrainer(page, 'Reflect.deleteProperty(WorkerNavigator.prototype, "gpu");');
};

/** What was learned: every number of every update. */
const learned = (log: string) =>
  readRecording(log).flatMap((event) =>
    event.type === "step.end"
      ? [Object.entries(event.metrics).filter(([name]) => /^(update|loss|policy|tokens|reward)/.test(name))]
      : [],
  );

describe("a browser without WebGPU", () => {
  it("trains on the processor, with the numbers of Node", { timeout: 3 * PATIENCE }, async () => {
    const page = await openTab(await browser.newContext(), `${TINY}&steps=2`, withoutGpu);
    await page.getByText("CPU (WebAssembly SIMD)").first().waitFor({ timeout: PATIENCE });
    await start(page);
    await waitForEnd(page);
    const log = await keptLog(page);
    const [header] = readRecording(log);
    const workers = Math.min(4, await page.evaluate(() => navigator.hardwareConcurrency));
    const kernels = { simd: "plain", shards: 4, workers };
    expect(header).toMatchObject({ device: "CPU (WebAssembly SIMD)", kernels });
    const settings = ["proposals=4", "solverTasks=4", "freshTasks=2", "seedTasks=4"].flatMap((one) => ["--set", one]);
    const options = ["--preset", "small", "--seed", "3", "--steps", "2", "--evaluate-tasks", "0", "--adapter", "cpu"];
    const ours = learned(await trainInNode("azr", ...options, "--workers", "1", ...settings));
    expect(ours.length).toBe(2);
    expect(ours.flat().length).toBeGreaterThan(4);
    expect(learned(log)).toEqual(ours);
    await page.context().close();
  });
});

/** Ends the helpers that are there when it is called, as a browser that needs their memory does. */
const endHelpers = (page: Page) => page.evaluate(() => new BroadcastChannel("end helpers").postMessage("now"));
const LISTEN = `const Plain = Worker;
  self.Worker = class extends Plain {
    constructor(address, options) {
      const ends = 'new BroadcastChannel("end helpers").onmessage = () => { throw new Error("taken away"); };';
      const text = ends + "import " + JSON.stringify(String(address));
      super(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), options);
    }
  };`;

describe("a worker of the CPU engine that ends", () => {
  it("is said with what was kept; the run goes on from there, bit for bit", { timeout: 3 * PATIENCE }, async () => {
    const query = `${LEAST.replace("adapter=gpu", "adapter=cpu")}&steps=12`;
    const page = await openTab(await browser.newContext(), query, (opened) => inTrainer(opened, LISTEN));
    await start(page);
    await waitForEnd(page);
    const uninterrupted = timeless(await keptLog(page));
    await page.getByRole("button", { name: "Reset" }).click();
    await start(page);
    await pauseAfter(page, 2);
    await endHelpers(page);
    // The page hears of it while the run rests, or when the run asks the helper for something.
    const resume = page.getByRole("button", { name: "Resume" });
    const ended = page.getByRole("alert").getByText("A worker of the CPU engine has ended: Uncaught Error: taken away");
    await resume.click({ timeout: 5000 }).catch(() => {});
    await ended.waitFor({ timeout: PATIENCE });
    await page.getByRole("button", { name: /^Go on from step \d/ }).click();
    await ended.waitFor({ state: "hidden", timeout: PATIENCE });
    await waitForEnd(page);
    expect(timeless(await keptLog(page))).toEqual(uninterrupted);
    await page.context().close();
  });
});
