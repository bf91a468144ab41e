import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import type { Browser } from "playwright-core";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

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
  const server = await serve(page, pyodide);
  const { chromium } = await import("playwright-core");
  // Chromium does not run its sandbox as root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args: [...sandbox, ...flags] });
  try {
    return await use({ browser, address: `http://localhost:${(server.address() as AddressInfo).port}/` });
  } finally {
    await browser.close();
    server.close();
  }
}

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
