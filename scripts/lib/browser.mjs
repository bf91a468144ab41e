import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./process.mjs";

const systemBrowsers = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  join(process.env.PROGRAMFILES ?? "C:\\Program Files", "Google\\Chrome\\Application\\chrome.exe"),
];

/**
 * The Chromium for end-to-end tests: KELVIN_CHROMIUM, Playwright's own, or the system's.
 * @returns {Promise<string | null>} path of the executable
 */
export async function findChromium() {
  const named = process.env.KELVIN_CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  const candidates = [await playwrightsChromium(), ...systemBrowsers];
  return candidates.find((path) => path !== null && existsSync(path)) ?? null;
}

const firefoxes = ["/usr/bin/firefox-esr", "/Applications/Firefox.app/Contents/MacOS/firefox"];

/**
 * The Firefox for the test that trains in it: KELVIN_FIREFOX, or the system's.
 * @returns {string | null} path of the executable
 */
export function findFirefox() {
  const candidates = process.env.KELVIN_FIREFOX ? [process.env.KELVIN_FIREFOX] : firefoxes;
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Path of Playwright's browser, whether or not it exists. */
async function playwrightsChromium() {
  if (!existsSync(join(projectRoot, "node_modules/playwright-core"))) return null;
  const { chromium } = await import("playwright-core");
  return chromium.executablePath() || null;
}
