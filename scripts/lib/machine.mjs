import { aptGet, aptInstall, backportsSuite } from "./apt.mjs";
import { findChromium, findFirefox } from "./browser.mjs";
import { output, projectRoot, run } from "./process.mjs";

/** @typedef {Partial<Record<"cpu" | "hardware" | "lavapipe" | "swiftshader", string>>} Adapters names by kind */
/** @typedef {{ adapters: Adapters, chromium: string | null, missing: string[] }} Machine */

/** Dawn refuses Mesa 22; the kernels are checked on 25 and newer. */
const oldestMesa = 25;

/**
 * Finds what tests need of the machine and, if allowed, installs it: a WebGPU adapter for Node and a Chromium.
 * @param {string} main the bundled command line
 * @returns {Promise<Machine>} `missing` has one sentence per missing thing and how to get it
 */
export async function prepareMachine(main) {
  let adapters = findAdapters(main);
  if (!adapters.hardware && !isRecentLavapipe(adapters)) {
    installMesa();
    adapters = findAdapters(main);
  }
  let chromium = await findChromium();
  if (!chromium) {
    installChromium();
    chromium = await findChromium();
    // Chromium contains SwiftShader.
    adapters = findAdapters(main);
  }
  const machine = { adapters, chromium, missing: whatIsMissing(adapters, chromium) };
  announce(machine);
  return machine;
}

/** Installs a Firefox if it is missing and if allowed. Without one, the test that trains in it is skipped and says so. */
export function prepareFirefox() {
  if (!findFirefox()) aptInstall(["firefox-esr"]);
}

/**
 * Runs the command line in its own process, so that the answer is what the engine will find.
 * @param {string} main
 * @returns {Adapters}
 */
function findAdapters(main) {
  const found = output(process.execPath, [main, "adapters", "--json"]);
  return found ? JSON.parse(found) : {};
}

/** @param {Adapters} adapters */
function isRecentLavapipe({ lavapipe }) {
  if (!lavapipe) return false;
  const version = /Mesa (\d+)/.exec(lavapipe)?.[1];
  return version === undefined || Number(version) >= oldestMesa;
}

function installMesa() {
  if (!aptGet()) return;
  const isInstalled = aptInstall(["mesa-vulkan-drivers", "libvulkan1"], backportsSuite());
  // SwiftShader needs the Vulkan loader too.
  if (!isInstalled) aptInstall(["libvulkan1"]);
}

function installChromium() {
  if (aptInstall(["chromium"])) return;
  console.error("set-up: downloading Playwright's Chromium");
  const withLibraries = process.platform === "linux" && aptGet() ? ["--with-deps"] : [];
  run("npx", ["playwright-core", "install", ...withLibraries, "chromium"]);
}

/**
 * @param {Adapters} adapters
 * @param {string | null} chromium
 */
function whatIsMissing(adapters, chromium) {
  const missing = [];
  if (!adapters.hardware && !adapters.lavapipe) {
    missing.push(
      `lavapipe: install Mesa's Vulkan drivers, version ${oldestMesa} or newer (mesa-vulkan-drivers, libvulkan1; Debian 12: from bookworm-backports)`,
    );
  }
  if (!adapters.hardware && !adapters.swiftshader)
    missing.push("SwiftShader: it comes beside Chromium; install chromium and libvulkan1");
  if (!chromium)
    missing.push(
      `Chromium: install the package chromium, or run: npx playwright-core install chromium (in ${projectRoot})`,
    );
  return missing;
}

/** @param {Machine} machine */
function announce({ adapters, chromium, missing }) {
  for (const [kind, name] of Object.entries(adapters)) console.log(`set-up: adapter ${kind}: ${name}`);
  if (chromium) console.log(`set-up: browser ${chromium}`);
  for (const sentence of missing) console.log(`set-up: missing ${sentence}`);
}
