import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { PYODIDE_FILES } from "../../../src/verify/jail-page";
import { builtImages, PYODIDE } from "./served";

/** One folder with a page, one script, and the bytes of Python as a second script. */
export async function buildFromDisk(): Promise<string> {
  const folder = fileURLToPath(new URL("../../../dist/test-from-disk", import.meta.url));
  await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    publicDir: false,
    logLevel: "error",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2023",
      lib: { entry: "from-disk.ts", formats: ["iife"], name: "fromDisk", fileName: () => "page.js" },
    },
  });
  const files = Object.entries(PYODIDE_FILES).map(([key, [name]]) => [key, readFileSync(join(PYODIDE, name))] as const);
  const texts = [...files, ["images", await builtImages()] as const].map(([key, bytes]) => [
    key,
    bytes.toString("base64"),
  ]);
  writeFileSync(join(folder, "files.js"), `window.pythonFiles = ${JSON.stringify(Object.fromEntries(texts))};`);
  writeFileSync(
    join(folder, "index.html"),
    `<!doctype html><meta charset="utf-8"><title>From disk</title><body><script src="files.js"></script><script src="page.js"></script></body>`,
  );
  return folder;
}
