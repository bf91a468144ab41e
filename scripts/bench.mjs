// npm run bench [-- SECTION…]: bundles the command line, builds the benchmark page, finds a browser, and measures.
import { join } from "node:path";
import { findChromium } from "./lib/browser.mjs";
import { bundleCommands } from "./lib/bundle.mjs";
import { cpuModules } from "./lib/cpu-modules.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { messageOf, projectRoot, runInForeground, runMain, SetUpError } from "./lib/process.mjs";
import { pythonImages } from "./lib/python-images.mjs";

/** @returns {Promise<string>} folder of the built page */
async function buildBenchPage() {
  const { build } = await import("vite");
  const page = join(projectRoot, "src/cli/bench/page");
  const outDir = join(projectRoot, "dist", "bench");
  try {
    await build({
      configFile: false,
      root: page,
      base: "./",
      publicDir: false,
      plugins: [cpuModules(), pythonImages()],
      worker: { format: "es", plugins: () => [cpuModules()] },
      logLevel: "error",
      build: {
        outDir,
        emptyOutDir: true,
        target: "es2023",
        rolldownOptions: { input: ["index.html", "libraries.html"].map((name) => join(page, name)) },
      },
    });
  } catch (error) {
    throw new SetUpError(`the page of the benchmark does not build: ${messageOf(error)}`);
  }
  return outDir;
}

await runMain(async () => {
  ensureDependencies();
  const main = await bundleCommands();
  const chromium = await findChromium();
  if (chromium) {
    process.env.KELVIN_CHROMIUM = chromium;
    process.env.KELVIN_BENCH_PAGE = await buildBenchPage();
    process.env.KELVIN_PYODIDE = join(projectRoot, "node_modules", "pyodide");
  }
  return runInForeground(process.execPath, ["--enable-source-maps", main, "bench", ...process.argv.slice(2)]);
});
