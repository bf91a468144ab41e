import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";

/** WebGPU on SwiftShader, so that every machine draws the same conclusions. */
const flags = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** A headless Chromium with WebGPU. Close it at the end of the test file. */
export function launchBrowser(extraFlags: readonly string[] = []): Promise<Browser> {
  // Chromium refuses its own sandbox to root, which is who runs tests in a container.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: inject("chromium"), args: [...flags, ...sandbox, ...extraFlags] });
}
