import { basename, join } from "node:path";
import type { Browser } from "playwright-core";
import { serveFiles } from "../static-server";

/** A browser, and the address of the built benchmark pages. */
export interface Bench {
  readonly browser: Browser;
  /** Ends with a slash. */
  readonly address: string;
}

/** Opens both, calls `use` and closes them. Returns a string that says what is missing, if they cannot be opened. */
export async function inChromium<T>(flags: readonly string[], use: (bench: Bench) => Promise<T>): Promise<T | string> {
  const { KELVIN_CHROMIUM: executablePath, KELVIN_BENCH_PAGE: page, KELVIN_PYODIDE: pyodide } = process.env;
  if (!executablePath) return "no Chromium: install chromium, or run npx playwright-core install chromium";
  if (!page || !pyodide) return "the page is not built: start the benchmark with npm run bench";
  const { server, address } = await serveFiles((path) =>
    path.startsWith("/pyodide/") ? join(pyodide, basename(path)) : join(page, path === "/" ? "index.html" : path),
  );
  const { chromium } = await import("playwright-core");
  // Chromium does not run its sandbox as root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args: [...sandbox, ...flags] });
  try {
    return await use({ browser, address: `${address}/` });
  } finally {
    await browser.close();
    server.close();
  }
}
