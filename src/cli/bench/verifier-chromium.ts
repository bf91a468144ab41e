import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import type { Page } from "playwright-core";
import type { BrowserSpeed } from "./page/worker";
import { type Figure, medianOf, type Section } from "./section";
import { figuresOf } from "./verifier";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
};
const REPEATS = 3;

/**
 * The same in the jail of a headless Chromium, as a static host serves it: no headers but the type. `npm run bench` has
 * built the page and found the browser, and names both in the environment.
 */
export const verifierInChromium: Section = {
  name: "verifier in Chromium",
  async measure() {
    const { KELVIN_CHROMIUM: chromium, KELVIN_BENCH_PAGE: page, KELVIN_PYODIDE: pyodide } = process.env;
    if (!chromium) return "no Chromium: install chromium, or run npx playwright-core install chromium";
    if (!page || !pyodide) return "the page is not built: start the benchmark with npm run bench";
    const server = await serve(page, pyodide);
    try {
      return await measureIn(chromium, `http://localhost:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  },
};

async function serve(page: string, pyodide: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = path.startsWith("/pyodide/")
      ? join(pyodide, basename(path))
      : join(page, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function measureIn(executablePath: string, address: string): Promise<Figure[]> {
  const { chromium } = await import("playwright-core");
  // Chromium refuses its own sandbox to root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const first = await openAndMeasure(page, address);
    const figures = await medianOf(REPEATS, async () => {
      const speed = await openAndMeasure(page, address);
      return [{ name: "boot, from kept images", value: speed.bootMilliseconds, unit: "ms" }, ...figuresOf(speed)];
    });
    return [{ name: "boot, first visit", value: first.bootMilliseconds, unit: "ms" }, ...figures];
  } finally {
    await browser.close();
  }
}

/** A fresh page each time: heap images are kept by the browser between them, nothing else. */
async function openAndMeasure(page: Page, address: string): Promise<BrowserSpeed> {
  await page.goto(address);
  await page.waitForFunction("globalThis.measure");
  return page.evaluate<BrowserSpeed>("globalThis.measure()");
}
