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
 * computed is the same. Tests that measure time let it.
 */
const compiler = process.env["KELVIN_COMPILED"] === "once" ? ["--js-flags=--liftoff-only"] : [];

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
];
const switchedOff = [`--disable-features=${features.join(",")}`];

/** Chromium refuses its own sandbox to root, which is who runs tests in a container. */
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

/** The browser at this path, headless, with WebGPU. */
export const launchChromium = (executablePath: string, extraFlags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...flags, ...switchedOff, ...compiler, ...sandbox, ...extraFlags] });

/** A headless Chromium with WebGPU, on KELVIN_SLOW=1 with slow pages. Close it at the end of the test file. */
export async function launchBrowser(extraFlags: readonly string[] = []): Promise<Browser> {
  const browser = await launchChromium(inject("chromium"), extraFlags);
  if (process.env["KELVIN_SLOW"] === "1") browser.on("context", (context) => void slowDown(context));
  return browser;
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
