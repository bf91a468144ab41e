import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { holdRecording, inTrainer, keptLog, LEAST, openTab, PATIENCE, start, waitForEnd, withoutWebgpu } from "./drive";
import { violations } from "./violations";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

const alert = (page: Page, words: string | RegExp) => page.getByRole("alert").getByText(words);
const appears = { timeout: PATIENCE };

/**
 * A device that has no room for a buffer where `isOver` says so, given its descriptor and the bytes that are taken.
 * Rasterisers hold whatever the machine's memory does, so the device's answer is ours; that the buffer is invalid, and
 * writes to it errors, is its own.
 */
const fullWhere = (isOver: string) => `
  const { createBuffer, popErrorScope } = GPUDevice.prototype, { destroy } = GPUBuffer.prototype;
  let taken = 0, isFull = false;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    taken += descriptor.size;
    if (!(${isOver})) return createBuffer.call(this, descriptor);
    isFull = true;
    return createBuffer.call(this, { ...descriptor, usage: descriptor.usage | GPUBufferUsage.MAP_READ });
  };
  GPUBuffer.prototype.destroy = function () {
    taken -= this.size;
    return destroy.call(this);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const wasFull = isFull;
    isFull = false;
    const error = await popErrorScope.call(this);
    return wasFull ? new GPUOutOfMemoryError("the heap is full") : error;
  };`;

describe("too little memory", () => {
  it("refuses a second model and adapters in the device's words, and the model in use goes on", {
    timeout: 2 * PATIENCE,
  }, async () => {
    // There is room for the first model and what its run takes besides, and for no second one, however little it writes at a time.
    const full = `let most = Number.POSITIVE_INFINITY;
      ${fullWhere('taken > most || descriptor.label.startsWith("adapter")')}
      const { postMessage } = self;
      self.postMessage = (reply, ...rest) => {
        if (reply.type === "loaded") most = taken + 0.2 * reply.bytesOnDevice;
        return postMessage.call(self, reply, ...rest);
      };`;
    const page = await openTab(await browser.newContext(), `${LEAST}&steps=1`, (page) => inTrainer(page, full));
    await page.getByText("the processor stands in").waitFor(appears);
    const toSheet = () => page.getByRole("button", { name: /^Model/ }).click();
    const sheet = page.locator("kelvin-model-sheet");
    await toSheet();
    await sheet.getByText("In use").waitFor(appears);
    await sheet.getByLabel("Address of a model").fill(new URL("models/kelvin-nano/", page.url()).href);
    await sheet.getByRole("button", { name: "Look at it" }).click();
    await sheet.getByRole("button", { name: "Use this model" }).click(appears);
    await sheet.getByRole("alert").getByText("The GPU has no room: the heap is full").waitFor(appears);
    await sheet.getByRole("alert").getByText("Choose a smaller model").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Go back to kelvin-nano" }).click();
    const trains = async () => {
      await start(page);
      await waitForEnd(page);
      expect(await keptLog(page)).toContain('"type":"step.end"');
    };
    await trains();
    await page.getByRole("button", { name: "Reset" }).click();

    await toSheet();
    await sheet.getByRole("radio", { name: /^Adapters only/ }).click();
    await page.keyboard.press("Escape");
    await start(page);
    await alert(page, "The GPU has no room: the heap is full").waitFor(appears);
    await page.getByRole("button", { name: "Put away" }).click();
    await toSheet();
    await sheet.getByRole("radio", { name: "All of its weights" }).click();
    await page.keyboard.press("Escape");
    await trains();
    await page.context().close();
  });
});

describe("a page without what it needs", () => {
  it.each([
    ["no adapter", "GPU.prototype.requestAdapter = async () => null;", /^Training needs WebGPU/],
    [
      "a device refused",
      'GPUAdapter.prototype.requestDevice = async () => { throw new DOMException("too many", "OperationError"); };',
      "The GPU adapter refused a device: OperationError: too many",
    ],
  ])("says so, and plays a recorded run: %s", async (_, script, words) => {
    const page = await openTab(await browser.newContext(), "?adapter=gpu", (page) => inTrainer(page, script));
    await alert(page, words).waitFor(appears);
    await page.getByRole("button", { name: /^Watch a recorded run/ }).click();
    await page.getByRole("region", { name: "Recorded run" }).waitFor(appears);
    await page.context().close();
  });

  it("says which file of Python is missing, and plays a recorded run", async () => {
    const page = await openTab(await browser.newContext(), "", (page) =>
      page.route("**/pyodide.asm.mjs", (route) => route.abort()),
    );
    await alert(page, "Python's file /pyodide/pyodide.asm.mjs was not reachable").waitFor(appears);
    await page.getByRole("button", { name: /^Watch a recorded run/ }).click();
    await page.getByRole("region", { name: "Recorded run" }).waitFor(appears);
    await page.context().close();
  });

  it.each([
    ["with WebGPU", async () => {}],
    ["without WebGPU", withoutWebgpu],
  ])("refuses to judge without Python, in place, and can be asked again: %s", async (_, prepare) => {
    const context = await browser.newContext();
    const python = "**/pyodide.asm.mjs";
    await context.route(python, (route) => route.abort());
    const page = await openTab(context, "", prepare);
    await holdRecording(page);
    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByRole("table", { name: "Tasks of the run" }).locator("[data-index='0']").click();
    const form = page.locator("kelvin-try-task");
    const ask = async () => {
      await form.getByRole("textbox").fill("7");
      await form.getByRole("button", { name: "Judge" }).click();
    };
    await ask();
    const missing = form.getByRole("status").getByText("pyodide.asm.mjs was not reachable. Check the connection");
    await missing.waitFor(appears);
    expect(await form.getByRole("button", { name: "Judge" }).isEnabled()).toBe(true);
    await page.getByRole("button", { name: /^Your tasks/ }).click();
    const own = page.locator("kelvin-own-task-form");
    await own.getByRole("button", { name: "Check and keep" }).click();
    await own.getByText("pyodide.asm.mjs was not reachable").waitFor(appears);
    expect(await own.getByRole("button", { name: "Check and keep" }).isEnabled()).toBe(true);

    if (prepare === withoutWebgpu) {
      await context.unroute(python);
      await own.getByRole("button", { name: "Check and keep" }).click();
      await page.getByRole("button", { name: "Your tasks (1)" }).waitFor(appears);
    } else {
      await page.getByRole("link", { name: "Compare" }).click();
      await page.locator("kelvin-compare-policies").getByRole("status").getByText("was not reachable").waitFor(appears);
    }
    await context.close();
  });

  it("says that the trainer's code did not come, and refuses what needs it", async () => {
    const page = await openTab(await browser.newContext(), "?view=compare", (page) =>
      page.route("**/assets/trainer-*.js", (route) => route.abort()),
    );
    const compare = page.locator("kelvin-compare-policies");
    await compare.getByRole("status").getByText("The trainer could not be loaded.").waitFor(appears);
    await page.getByRole("link", { name: "Play" }).click();
    await alert(page, "The trainer could not be loaded.").waitFor(appears);
    await page.context().close();
  });
});

/** A page without a device that misses the files of those names, as without a network, until it is told to have them. */
async function openWithout(query: string, ...files: readonly string[]) {
  const patterns = files.map((file) => `**/assets/${file}-*.js`);
  const errors: string[] = [];
  const page = await openTab(await browser.newContext(), query, async (page) => {
    await withoutWebgpu(page);
    page.on("pageerror", ({ message }) => errors.push(message));
    for (const pattern of patterns) await page.route(pattern, (route) => route.abort());
  });
  const mend = () => Promise.all(patterns.map((pattern) => page.unroute(pattern)));
  return { page, mend, errors };
}

describe("a part of the page that cannot be fetched", () => {
  it.each([
    ["Settings", "settings-dialog", "“Settings”"],
    ["Settings", "dialog", "“Settings of the next run”"],
    ["Safety", "dialog", "“Safety”"],
  ])("is said, and the next press tries again: %s without %s", async (name, file, part) => {
    const { page, mend, errors } = await openWithout("?view=learn", file);
    const button = page.getByRole("button", { name: new RegExp(`^${name}`) });
    await button.click();
    await alert(page, `${part} could not be loaded: there is no network, or the page was updated`).waitFor();
    await mend();
    await button.click();
    await page.getByRole("dialog").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("is said of the keys and of the presentation, which open once they are there", async () => {
    const { page, mend, errors } = await openWithout("", "keys-dialog", "presentation");
    await page.locator("kelvin-start-view").waitFor();
    await page.keyboard.press("?");
    await alert(page, "The list of keys could not be loaded").waitFor();
    await page.keyboard.press("f");
    await alert(page, "The presentation could not be loaded").waitFor();
    expect(new URL(page.url()).searchParams.get("mode")).toBeNull();
    await mend();
    await page.keyboard.press("f");
    await page.locator("kelvin-presentation").waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("is not said of a view that was left meanwhile", async () => {
    const { page, errors } = await openWithout("?view=learn");
    let refuse = () => {};
    const refused = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    await page.route("**/assets/tasks-view-*.js", (route) => refused.then(() => route.abort()));
    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByText("Loading Tasks…").waitFor();
    await page.getByRole("link", { name: "Learn" }).click();
    const heading = page.getByRole("heading", { level: 1, name: /^How a model learns/ });
    await heading.waitFor();
    const failed = page.waitForEvent("requestfailed");
    refuse();
    await failed;
    // Said by the page a moment after the browser said it.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(await heading.isVisible()).toBe(true);
    await page.getByRole("link", { name: "Tasks" }).click();
    await alert(page, "Tasks could not be loaded").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("is said in the place of the stage and of the bar over a recording, and both come when they can", async () => {
    const { page, mend, errors } = await openWithout("", "play-stage", "replay-bar");
    await page.getByRole("button", { name: /^Watch a recorded run/ }).click();
    await alert(page, "The bar over the recording could not be loaded").waitFor(appears);
    await alert(page, "The stage could not be loaded").waitFor();
    await mend();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("kelvin-play-stage").waitFor();
    await page
      .getByRole("button", { name: "Close the recording" })
      .or(page.getByRole("button", { name: "Reset" }))
      .first()
      .click();
    await page.getByRole("button", { name: /^Watch a recorded run/ }).click();
    await page.getByRole("region", { name: "Recorded run" }).waitFor(appears);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("leaves a plain field to write Python in", async () => {
    const { page, errors } = await openWithout("?view=tasks/yours", "python-editor");
    const form = page.locator("kelvin-own-task-form");
    await form.getByText("The editor for Python could not be loaded").waitFor();
    const field = form.getByRole("textbox", { name: "Program" });
    expect(await field.inputValue()).toContain("def f(x):");
    await field.fill("def f(x):\n    return x\n");
    await form.getByRole("button", { name: "Check and keep" }).click();
    await form.getByText("output is the input").waitFor(appears);
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("is said where a definition and the arithmetic of a number would stand", async () => {
    const { page, errors } = await openWithout("", "glossary", "arithmetic");
    await page.locator("kelvin-term[name=held-out] button").click();
    await page.getByText("The glossary could not be loaded").waitFor();
    await page.keyboard.press("Escape");
    await holdRecording(page);
    await page
      .getByRole("button", { name: /^advantage .* why this number/ })
      .first()
      .click();
    await alert(page, "The arithmetic could not be loaded").waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
