import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, openJailPage, type ServedJail, serveJail } from "./verifier/served";

let jail: ServedJail;
beforeAll(async () => {
  jail = await serveJail();
});
afterAll(() => jail?.close());

describe("what can be missing", () => {
  it("names the file that is not there", async () => {
    const page = await openJailPage(jail);
    const message = await failureOf(ask(page, { type: "boot", folder: "nowhere/" }));
    expect(message).toMatch(/Python's file \/nowhere\/\S+ answered 404/);
    await page.close();
  });

  it("names the file when the server cannot be reached", async () => {
    const page = await openJailPage(jail);
    await page.route("**/python-images", (route) => route.abort());
    const message = await failureOf(ask(page, { type: "boot" }));
    expect(message).toContain("Python's file /python-images was not reachable");
    await page.close();
  });

  it("says that Python's file is broken", async () => {
    const page = await openJailPage(jail);
    await page.route("**/pyodide.asm.wasm", (route) => route.fulfill({ body: "<!doctype html>" }));
    expect(await failureOf(ask(page, { type: "boot" }))).toMatch(/Python stopped: CompileError/);
    await page.close();
  });

  it("says that its worker is blocked", async () => {
    const page = await openJailPage(jail);
    const { answer } = await ask<{ answer: string }>(page, { type: "script", source: "throw new Error('blocked');" });
    expect(answer).toContain("blocked");
    await page.close();
  });

  it("says that its frame is blocked", async () => {
    const page = await openJailPage(jail);
    await page.clock.install();
    await page.evaluate(() => Object.defineProperty(HTMLIFrameElement.prototype, "srcdoc", { set() {} }));
    const failure = failureOf(ask(page, { type: "boot" }));
    // The files arrive by the real clock; the frame's time runs out by the page's.
    await page.waitForSelector("iframe", { state: "attached" });
    await page.clock.runFor(21_000);
    expect(await failure).toContain("The frame that runs Python did not start");
    await page.close();
  });
});

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing failed",
    (error: Error) => error.message,
  );
}
