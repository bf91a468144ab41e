import type { AdapterChoice } from "../node-adapter";
import type { Bench } from "./chromium";
import { tooSlow } from "./in-node";
import type { Answer, Question } from "./measure";

/** Flags for WebGPU in a headless Chromium: SwiftShader, or the machine's own adapter if asked for. */
export function webGpuFlags(adapter: AdapterChoice): readonly string[] {
  const choice = adapter === "hardware" ? "--enable-features=Vulkan" : "--use-webgpu-adapter=swiftshader";
  return ["--enable-unsafe-webgpu", choice];
}

/** Measures in a new page, which is closed after `limitSeconds`. Returns a string with the reason if there is no result. */
export async function askInChromium(
  { browser, address }: Bench,
  question: Question,
  limitSeconds: number,
): Promise<Answer | string> {
  const page = await browser.newPage();
  let clock: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<string>((resolve) => {
    clock = setTimeout(() => resolve(tooSlow(limitSeconds)), limitSeconds * 1000);
  });
  try {
    await page.goto(`${address}libraries.html`);
    await page.waitForFunction("globalThis.measure");
    const answer = page.evaluate<Answer | string>(`globalThis.measure(${JSON.stringify(question)})`);
    answer.catch(() => {}); // after the limit its result is not awaited
    return await Promise.race([answer, tooLate]);
  } catch (error) {
    return `it fails: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  } finally {
    clearTimeout(clock);
    await page.close();
  }
}
