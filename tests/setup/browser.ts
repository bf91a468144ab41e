import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { inject } from "vitest";
import { slowDown } from "./slow-page";

/** WebGPU on SwiftShader, so that every machine draws the same conclusions. */
const flags = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/**
 * V8 compiles what it runs often a second time, better: of Python that takes seconds of the processor in every page. What is
 * computed is the same. Here it does so only for what runs a hundred times as often, which is the engine's loops and not Python.
 * Tests that measure time leave it alone.
 */
const compiler = process.env["KELVIN_COMPILED"] === "rarely" ? ["--js-flags=--wasm-tiering-budget=1000000000"] : [];

/**
 * The browser's own address bar draws its suggestions in a page: no test sees it, and it costs each launch as much as the rest of
 * the launch. The last such flag counts, so the others are what Playwright 1.65 switches off.
 */
const features = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AimEnabled"],
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"],
  ...[
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
  ],
  ...["AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"],
  // A process that waits for the next page: it is begun for each page, and costs a quarter of one.
  "SpareRendererForSitePerProcess",
];
const switchedOff = [`--disable-features=${features.join(",")}`];

/** Chromium refuses its own sandbox to root, which is who runs tests in a container. */
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

/** A headless Chromium without WebGPU that compiles as usual: for Python that works long. Close it at the end of the test file. */
export const launchPlain = (): Promise<Browser> =>
  chromium.launch({ executablePath: inject("chromium"), args: [...switchedOff, ...sandbox] });

/** A headless Chromium with WebGPU, on KELVIN_SLOW=1 with slow pages. Close it at the end of the test file. */
export async function launchBrowser(): Promise<Browser> {
  const args = [...flags, ...switchedOff, ...compiler, ...sandbox];
  const browser = await chromium.launch({ executablePath: inject("chromium"), args });
  if (process.env["KELVIN_SLOW"] === "1") browser.on("context", (context) => void slowDown(context));
  return browser;
}

let shared: Promise<Browser> | null = null;

/**
 * The same for all files that this process runs, one after another: a launch takes as long as a small test. Leave it at the end of
 * the file. What ends a browser or its GPU process is for one of its own.
 */
export async function sharedBrowser(): Promise<Browser> {
  if (!(await shared)?.isConnected()) shared = launchBrowser();
  return shared as Promise<Browser>;
}

/** Closes every page of the shared browser, so that none works on beside the next file. */
export async function leaveBrowser(): Promise<void> {
  const contexts = (await shared)?.contexts() ?? [];
  await Promise.all(contexts.map((context) => context.close()));
}

/** The same for a visitor who lets no site keep anything. */
export function launchWithoutStorage(): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "kelvin-profile-"));
  mkdirSync(join(profile, "Default"));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(blocked));
  return chromium.launchPersistentContext(profile, {
    executablePath: inject("chromium"),
    args: [...flags, ...switchedOff, ...sandbox],
  });
}
