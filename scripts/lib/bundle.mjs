import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { messageOf, projectRoot, SetUpError } from "./process.mjs";

/** Everything that can change the bundle. */
const inputs = [
  "src",
  "shaders",
  "vite.cli.config.ts",
  "package-lock.json",
  "scripts/lib/bundle.mjs",
  "scripts/lib/cpu-modules.mjs",
];
const bundles = join(projectRoot, "dist", "cli");
const keptBundles = 4;
const dayMs = 86_400_000;

/**
 * Bundles the command line if its sources changed, and returns the path of its entry. The bundle's folder is named by content, so
 * a long run keeps its files while others edit and rebuild.
 * @returns {Promise<string>} path of main.mjs
 */
export async function bundleCommands() {
  const folder = join(bundles, contentHash());
  if (!existsSync(folder)) {
    await build(folder);
    pruneBundles(folder);
  }
  pointCurrentTo(folder);
  return join(folder, "main.mjs");
}

/** @param {string} folder */
async function build(folder) {
  const unfinished = `${folder}.${process.pid}`;
  const { build: viteBuild } = await import("vite");
  try {
    await viteBuild({
      root: projectRoot,
      configFile: join(projectRoot, "vite.cli.config.ts"),
      logLevel: "error",
      build: { outDir: unfinished, rolldownOptions: { input: entries() } },
    });
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new SetUpError(`the command line does not build: ${messageOf(error)}`);
  }
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another process finished the same bundle first: same sources, same files.
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** The dispatcher, and every file named `node-worker.ts` or `*.node-worker.ts`: each thread has an entry of its own. */
function entries() {
  const workers = sourceFiles(join(projectRoot, "src")).filter((path) => /(^|[\\/.])node-worker\.ts$/.test(path));
  const named = workers.map((path) => [basename(path, ".ts"), path]);
  return { main: join(projectRoot, "src/cli/main.ts"), ...Object.fromEntries(named) };
}

function contentHash() {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const path of sourceFiles(join(projectRoot, input))) {
      hash.update(relative(projectRoot, path)).update("\0").update(readFileSync(path)).update("\0");
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} path a file or a folder
 * @returns {string[]} files in a fixed order
 */
function sourceFiles(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const found = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  return found.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
}

/**
 * `dist/cli/current` is for people only; losing a race for it does no harm.
 * @param {string} folder
 */
function pointCurrentTo(folder) {
  const link = join(bundles, "current");
  mkdirSync(bundles, { recursive: true });
  try {
    rmSync(link, { force: true, recursive: true });
    symlinkSync(basename(folder), link, "junction");
  } catch {
    // See above.
  }
}

/**
 * Deletes bundles older than a day, when no run can be using them, except the newest few.
 * @param {string} latest
 */
function pruneBundles(latest) {
  const folders = readdirSync(bundles, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(bundles, entry.name));
  const byAge = folders.filter((folder) => folder !== latest).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const old = byAge.slice(keptBundles).filter((folder) => Date.now() - statSync(folder).mtimeMs > dayMs);
  for (const folder of old) rmSync(folder, { recursive: true, force: true });
}
