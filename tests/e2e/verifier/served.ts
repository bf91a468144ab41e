import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { serveFiles } from "../../../src/cli/static-server";
import type { ImagesFile } from "../../../src/verify/jail-page";
import { packedImages as imagesOf } from "../../../src/verify/node";
import { launchPlain } from "../../setup/browser";
import { GATE_OFF } from "../../verify/boundary";
import type { Question } from "./worker";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Pyodide's files, as the package has them. */
export const PYODIDE = join(root, "node_modules/pyodide");

/** The heap images of the built page, under gzip. */
export async function builtImages(): Promise<Buffer> {
  const folder = join(root, "dist", "app", "assets");
  const name = readdirSync(folder).find((file) => file.startsWith("python-images"));
  return readFileSync(join(folder, name ?? ""));
}

/** Heap images by their path: those that the built page has, and some whose guard has no gate. */
const IMAGES: Readonly<Record<string, () => Promise<Buffer>>> = {
  "/python-images": builtImages,
  "/images-without-gate": async () =>
    gzipSync(Buffer.concat(await imagesOf({ guardSuffix: GATE_OFF })), { level: constants.Z_BEST_SPEED }),
};

/** The images of that path, with their size. */
export const imagesAt = async (address: string): Promise<ImagesFile> => ({
  address,
  bytes: ((await IMAGES[address]?.()) ?? Buffer.alloc(0)).length,
});

/** The page of this folder, built and served, with a browser to open it in. */
export interface ServedJail {
  readonly address: string;
  readonly browser: Browser;
  /** Paths nobody but an escaped program would ask for, as they are asked for. */
  readonly leaks: readonly string[];
  close(): Promise<void>;
}

/** Below it each process builds its own page, once. */
const outDir = join(root, "dist", `test-jail-${process.env["VITEST_POOL_ID"]}`);
let built: Promise<unknown> | null = null;
const buildOnce = () =>
  (built ??= build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "./",
    publicDir: false,
    worker: { format: "es" },
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2023" },
  }));

/** Serves the page with a browser of its own. */
export async function serveJail(): Promise<ServedJail> {
  await buildOnce();
  const leaks: string[] = [];
  // No header but the type: the jail needs neither isolation nor shared memory.
  const { server, address } = await serveFiles(
    (path) =>
      path.startsWith("/pyodide/")
        ? join(PYODIDE, path.slice("/pyodide/".length))
        : join(outDir, path === "/" ? "index.html" : path),
    (path, _, response) => {
      if (path.startsWith("/leak")) leaks.push(path);
      void IMAGES[path]?.().then((bytes) => response.writeHead(200).end(bytes));
      return path in IMAGES;
    },
  );
  const browser = await launchPlain();
  const close = async (): Promise<void> => {
    await browser.close();
    server.close();
  };
  return { address, browser, leaks, close };
}

/** A fresh tab of the page, ready to be asked. */
export async function openJailPage({ browser, address }: ServedJail): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => "ask" in window);
  return page;
}

/** Asks the worker behind the page. */
export const ask = <T>(page: Page, question: Question): Promise<T> =>
  page.evaluate((sent) => window.ask(sent), question) as Promise<T>;
