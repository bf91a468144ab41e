import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VIEWS } from "../../src/ui/views";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { holdRecording, openTab, PATIENCE, withoutWebgpu } from "./drive";

/**
 * How every view looks, against pictures that were looked at. The page has its own fonts, so every machine lays out every
 * letter alike; how the edges of letters are smoothed is left to it, and lost at a quarter of the size.
 * KELVIN_VISUAL=write makes the pictures anew: look at each.
 */
const FOLDER = "tests/e2e/visual";
const SHRINK = 4;
/** Levels of 255 by which a small pixel may differ, and the share of those that may differ by more. */
const TOLERANCE = 24;
const SHARE = 0.001;

const SIZES = [
  { width: 360, height: 780 },
  { width: 1920, height: 1080 },
] as const;

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** The picture at a quarter of its size, as a PNG, and the share of its pixels that differ from `kept`. */
function shrink(page: Page, shot: Buffer, kept: Buffer | null): Promise<{ small: string; differing: number }> {
  return page.evaluate(
    async ({ shot, kept, factor, tolerance }) => {
      const decode = async (base64: string) =>
        createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const pixels = (image: ImageBitmap, width: number, height: number) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
        context.imageSmoothingQuality = "high";
        context.drawImage(image, 0, 0, width, height);
        return { canvas, data: context.getImageData(0, 0, width, height).data };
      };
      const large = await decode(shot);
      const [width, height] = [Math.round(large.width / factor), Math.round(large.height / factor)];
      const { canvas, data } = pixels(large, width, height);
      let differing = 0;
      if (kept) {
        const before = pixels(await decode(kept), width, height).data;
        for (let i = 0; i < data.length; i += 4) {
          const most = Math.max(...[0, 1, 2].map((c) => Math.abs((data[i + c] ?? 0) - (before[i + c] ?? 0))));
          if (most > tolerance) differing++;
        }
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
      return {
        small: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
        differing: differing / (width * height),
      };
    },
    { shot: shot.toString("base64"), kept: kept?.toString("base64") ?? null, factor: SHRINK, tolerance: TOLERANCE },
  );
}

describe.each(["light", "dark"] as const)("looks, %s", (colorScheme) => {
  it("as it did, in every view on a phone and on a large screen", { timeout: 2 * PATIENCE }, async () => {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce", viewport: SIZES[1] });
    const page = await openTab(context, "", withoutWebgpu);
    const bench = await context.newPage();
    await page.bringToFront();
    await page.locator("kelvin-recorded-field figure").waitFor({ timeout: PATIENCE });
    await page.evaluate(() => document.fonts.ready);
    const found = await compare(page, bench, "start", colorScheme);
    await holdRecording(page);
    for (const { name, title } of VIEWS) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: title, exact: true }).click();
      await page.locator(name === "play" ? "kelvin-play-stage" : `kelvin-${name}-view`).waitFor();
      found.push(...(await compare(page, bench, name, colorScheme)));
    }
    for (const { picture, differing } of found) console.log(`${picture}: ${(100 * differing).toFixed(2)} % differ`);
    expect(found.filter(({ differing }) => differing > SHARE)).toEqual([]);
    await context.close();
  });
});

/** One view at both sizes. */
async function compare(page: Page, bench: Page, view: string, theme: string) {
  const found: { picture: string; differing: number }[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(500);
    const picture = `${FOLDER}/${view}-${size.width}-${theme}.png`;
    const write = process.env["KELVIN_VISUAL"] === "write";
    if (!write && !existsSync(picture)) throw new Error(`${picture} is missing: make it with KELVIN_VISUAL=write`);
    const { small, differing } = await shrink(bench, await page.screenshot(), write ? null : readFileSync(picture));
    if (write) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(picture, Buffer.from(small, "base64"));
    }
    found.push({ picture, differing });
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), view).toBeLessThanOrEqual(0);
  return found;
}
