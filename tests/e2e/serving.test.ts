import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";

const pageUrl = inject("pageUrl");

describe("the served page", () => {
  it("is cross-origin isolated by its headers", async () => {
    const response = await fetch(pageUrl);
    expect(response.status).toBe(200);
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(response.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  });

  it.each([
    ["pyodide.mjs", "javascript"],
    ["pyodide.asm.mjs", "javascript"],
    ["pyodide.asm.wasm", "application/wasm"],
  ])("has Python's %s on its own origin", async (name, type) => {
    const response = await fetch(new URL(`pyodide/${name}`, pageUrl), { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain(type);
  });

  it("names every file relative to itself, so that it works in a folder of a static host", async () => {
    const html = await (await fetch(pageUrl)).text();
    const addresses = [...html.matchAll(/\s(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => /^(?:[a-z]+:)?\/\//.test(address) || address.startsWith("/"))).toEqual([]);
  });
});

describe("the browser of the tests", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });
  afterAll(leaveBrowser);

  it("has an isolated page with a WebGPU adapter", async () => {
    const page = await browser.newPage();
    await page.goto(pageUrl, { waitUntil: "commit" });
    const found = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      return { isolated: crossOriginIsolated, adapter: adapter?.info.architecture ?? null };
    });
    expect(found).toEqual({ isolated: true, adapter: "swiftshader" });
  });
});
