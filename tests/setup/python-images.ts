import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext } from "playwright-core";

/** Python's heap images as a browser has stored them: at which address of the page's origin, and where to fetch them. */
export interface PythonImages {
  readonly key: string;
  readonly url: string;
}

const STORE = "kelvin-python";
/** A busy machine starts Python slowly. */
const PATIENCE_MS = 120_000;

/**
 * Opens the page once, as a first visitor, and serves the heap images that it stores. The first visit of Python starts it three
 * times; a test that gets the images starts it as a returning visitor does.
 */
export async function servePythonImages(
  browser: Browser,
  pageUrl: string,
): Promise<PythonImages & { close: () => void }> {
  const page = await browser.newPage();
  await page.goto(pageUrl);
  const storing = page.evaluate(async (name) => {
    const stored = async () => {
      const cache = await caches.open(name);
      const [request] = await cache.keys();
      const response = request && (await cache.match(request));
      return response && { path: new URL(request.url).pathname, images: await response.blob() };
    };
    let found = await stored();
    for (; !found; found = await stored()) await new Promise((resolve) => setTimeout(resolve, 100));
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(found.images);
    link.click();
    return found.path;
  }, STORE);
  const [download, key] = await Promise.all([page.waitForEvent("download", { timeout: PATIENCE_MS }), storing]);
  const bytes = readFileSync(await download.path());
  await page.close();
  const server = createServer((_, response: ServerResponse) => {
    response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { key, url, close: () => server.close() };
}

const served = new WeakSet<BrowserContext>();

/** Stores the images in the context's own storage, once, if it has any. */
export async function lendPythonImages(
  context: BrowserContext,
  pageUrl: string,
  images: PythonImages | null,
): Promise<void> {
  if (!images || served.has(context)) return;
  served.add(context);
  const page = await context.newPage();
  await page.goto(new URL("icon.svg", pageUrl).href);
  await page.evaluate(
    async ([name, key, url]) => {
      // A browser may let no page store anything.
      const cache = await caches.open(name).catch(() => null);
      await cache?.put(key, await fetch(url));
    },
    [STORE, images.key, images.url] as const,
  );
  await page.close();
}
