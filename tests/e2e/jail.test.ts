import type { Frame } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobResult } from "../../src/verify/jobs";
import { endOf } from "../verify/boundary";
import { plainJob } from "../verify/jobs";
import { NESTED_SCRIPT, PROBE_SCRIPT, SEALED_SCRIPT } from "./verifier/scripts";
import { ask, openJailPage, type ServedJail, serveJail } from "./verifier/served";

let jail: ServedJail;
beforeAll(async () => {
  jail = await serveJail();
});
afterAll(() => jail?.close());

describe("scripts in the jail", () => {
  it("have nowhere to go, in the worker and in the frame (H60 to H66)", async () => {
    const page = await openJailPage(jail);
    const source = `const base = ${JSON.stringify(jail.address)};${PROBE_SCRIPT}`;
    const { answer } = await ask<{ answer: string }>(page, { type: "script", source });
    const report = JSON.parse(answer.replace(/^Error: /, "")) as Record<string, string>;
    const reached = Object.entries(report).filter(([, end]) => !end.startsWith("fails"));
    // Storage of an opaque origin is refused, or is the frame's own and dies with it.
    expect(reached).toEqual([]);
    const frame = page.frames()[1]!;
    const inFrame = await frame.evaluate(async (leak) => {
      const attempt = async (name: string, action: () => unknown): Promise<string> => {
        try {
          return `${name}: ${await action()}`;
        } catch (error) {
          return `${name}: ${(error as Error).name}`;
        }
      };
      return [
        await attempt("origin", () => origin),
        await attempt("localStorage", () => localStorage.length),
        await attempt("cookie", () => document.cookie),
        await attempt("parent", () => parent.document.title),
        await attempt("indexedDB", () => indexedDB.open("a")),
        await attempt("caches", () => caches.open("a")),
        await attempt("storage", () => navigator.storage.getDirectory()),
        await attempt("fetch", () => fetch(`${leak}/leak-frame`)),
        // These fail without a word: the server is asked below.
        await attempt("sendBeacon", () => void navigator.sendBeacon(`${leak}/leak-beacon`, "x")),
        await attempt("image", () => new Image().setAttribute("src", `${leak}/leak-image`)),
        await attempt("popup", () => open(`${leak}/leak-popup`)),
        await attempt("top", () => top!.location.assign(`${leak}/leak-top`)),
      ];
    }, jail.address);
    await page.waitForTimeout(300);
    expect(inFrame).toEqual([
      "origin: null",
      "localStorage: SecurityError",
      "cookie: SecurityError",
      "parent: SecurityError",
      "indexedDB: SecurityError",
      "caches: SecurityError",
      "storage: SecurityError",
      "fetch: TypeError",
      "sendBeacon: undefined",
      "image: undefined",
      "popup: null",
      "top: SecurityError",
    ]);
    expect(jail.leaks).toEqual([]);
    await page.close();
  });
});

describe("messages and workers of an attacker", () => {
  it("takes the frame's word from the frame only, and the page's from the page (H65)", async () => {
    const page = await openJailPage(jail);
    // A stranger's frame says it is ready, over and over, before and while the jail opens.
    await page.evaluate(() => {
      const stranger = document.createElement("iframe");
      stranger.setAttribute("sandbox", "allow-scripts");
      stranger.srcdoc = "<script>setInterval(() => parent.postMessage({ type: 'jail.ready' }, '*'), 5)</script>";
      document.body.append(stranger);
    });
    await page.waitForTimeout(300);
    await ask(page, { type: "boot" });
    const isJail = (frame: Frame) => frame !== page.mainFrame() && frame.childFrames().length === 0;
    expect(page.frames().some(isJail)).toBe(true);
    const job = plainJob("def f(x): return x*7+3");
    const forged = { report: { status: "ran", results: [["ok", "666"]] }, stop: null, detail: "", polls: 0 };
    const answers = ask<JobResult[]>(page, { type: "run", jobs: Array.from({ length: 50 }, () => job) });
    await page.evaluate((result) => {
      for (let id = 0; id < 9; id++) postMessage({ type: "results", id, results: [result] }, "*");
    }, forged);
    // In every frame, the jail's own among them: assets and results from a frame that is not its parent.
    for (const frame of page.frames().slice(1)) {
      await frame.evaluate((result) => {
        const { port1, port2 } = new MessageChannel();
        postMessage({ type: "jail.assets", assets: {} }, "*", [port1]);
        port2.postMessage({ type: "dispose" });
        for (let id = 0; id < 9; id++) parent.postMessage({ type: "results", id, results: [result] }, "*");
      }, forged);
    }
    expect((await answers).map(endOf)).toEqual(Array.from({ length: 50 }, () => "10"));
    await page.close();
  });

  it("has no way to start workers once it is sealed (H66)", async () => {
    const page = await openJailPage(jail);
    const { answer } = await ask<{ answer: string }>(page, { type: "script", source: SEALED_SCRIPT });
    expect(JSON.parse(answer.replace(/^Error: /, ""))).toEqual({
      Worker: "undefined",
      SharedWorker: "undefined",
      fetch: "undefined",
      postMessage: "undefined",
      setTimeout: "undefined",
      importScripts: "undefined",
    });
    await page.close();
  });

  it("ends a nested worker with its parent, and gives it no network meanwhile (H66)", async () => {
    const page = await openJailPage(jail);
    const source = `const base = ${JSON.stringify(jail.address)};${NESTED_SCRIPT}`;
    const asked = ask<{ answer: string }>(page, { type: "script", source });
    await page.waitForFunction(() => frames.length > 0);
    const frame = page.frames()[1]!;
    await frame.evaluate(() => {
      const heard = { calls: 0 };
      Object.assign(window, { heard });
      new BroadcastChannel("nested").onmessage = () => heard.calls++;
    });
    const calls = () => frame.evaluate(() => (window as unknown as { heard: { calls: number } }).heard.calls);
    // It lived, from a blob, and could reach nothing.
    expect((await asked).answer).toContain("nested fails TypeError");
    const whileAlive = await calls();
    expect(whileAlive).toBeGreaterThan(10);
    // The frame ended the worker when it reported; a nested one that outlived it would go on calling.
    await page.waitForTimeout(300);
    const afterwards = await calls();
    await page.waitForTimeout(1000);
    const heard = (await calls()) - afterwards;
    expect(heard).toBe(0);
    expect(jail.leaks).toEqual([]);
    await page.close();
  });
});
