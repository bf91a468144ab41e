import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { SHIPPED_FONTS } from "../../scripts/lib/fonts.mjs";
import { VIEWS } from "../../src/ui/views";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { holdRecording, openTab, PATIENCE, withoutWebgpu } from "./drive";
import { placesOf } from "./overflow";
import { until } from "./until";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

interface DrawnNode {
  readonly nodeId: number;
  readonly localName: string;
  readonly nodeValue: string;
  readonly attributes?: readonly string[];
  readonly children?: readonly DrawnNode[];
  readonly shadowRoots?: readonly DrawnNode[];
}

/** Elements with a text of their own, through every shadow root. What the browser draws outside the page is not in it. */
function withText(node: DrawnNode): DrawnNode[] {
  if (/^(?:head|script|style|option|noscript|svg|title)$/u.test(node.localName)) return [];
  // MathML stands beside each formula for screen readers, and is not drawn.
  if (node.attributes?.includes("katex-mathml")) return [];
  // A choice keeps its value in a field that is not drawn.
  if (node.attributes?.includes("value-input")) return [];
  const inside = [...(node.children ?? []), ...(node.shadowRoots ?? [])];
  const isWritten = inside.some(({ localName, nodeValue }) => localName === "" && nodeValue.trim() !== "");
  return [...(isWritten && node.localName !== "" ? [node] : []), ...inside.flatMap(withText)];
}

/** Fonts that letters on screen are drawn with, as the browser tells. */
async function fontsDrawn(devtools: CDPSession): Promise<{ own: Set<string>; system: string[] }> {
  const { root } = await devtools.send("DOM.getDocument", { depth: -1, pierce: true });
  const found = { own: new Set<string>(), system: [] as string[] };
  const nodes = withText(root as unknown as DrawnNode);
  const answers = await Promise.all(
    nodes.map(({ nodeId }) => devtools.send("CSS.getPlatformFontsForNode", { nodeId })),
  );
  for (const [index, { fonts }] of answers.entries()) {
    const { localName = "", attributes = [], children = [] } = nodes[index] ?? {};
    for (const { familyName, isCustomFont, glyphCount } of fonts) {
      if (isCustomFont) found.own.add(familyName);
      else
        found.system.push(
          `${familyName} draws ${glyphCount} of "${children.map(({ nodeValue }) => nodeValue).join("")}" in <${localName} ${attributes.join(" ")}>`,
        );
    }
  }
  return found;
}

/** Nearly at the same height and as high, less than half a line; a few letters' width to the side, since only whole texts are as long as ours. */
function isNear(before: string, after: string): boolean {
  const [x = 0, y = 0, width = 0, height = 0] = numbersOf(before);
  const [thenX = 0, thenY = 0, thenWidth = 0, thenHeight = 0] = numbersOf(after);
  const isAsHigh = Math.abs(y - thenY) <= 8 && Math.abs(height - thenHeight) <= 8;
  return isAsHigh && Math.abs(x - thenX) <= 24 && Math.abs(width - thenWidth) <= 24;
}

const numbersOf = (place: string) => (place.match(/-?\d+/gu) ?? []).map(Number);

async function devtoolsOf(page: Page): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("DOM.enable");
  await devtools.send("CSS.enable");
  return devtools;
}

describe("the page's own fonts", () => {
  it("draw every letter of every view, whatever the system has", { timeout: PATIENCE }, async () => {
    const page = await openTab(await browser.newContext({ reducedMotion: "reduce" }), "", withoutWebgpu);
    await page.locator("kelvin-recorded-field figure").waitFor({ timeout: PATIENCE });
    const devtools = await devtoolsOf(page);
    const seen = [await fontsDrawn(devtools)];
    await holdRecording(page);
    for (const { name, title } of VIEWS) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: title, exact: true }).click();
      await page.locator(name === "play" ? "kelvin-play-stage" : `kelvin-${name}-view`).waitFor();
      if (name === "learn") await page.locator("kelvin-learn-view .katex").first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      seen.push(await fontsDrawn(devtools));
    }
    expect(seen.flatMap(({ system }) => system)).toEqual([]);
    const own = new Set(seen.flatMap((view) => [...view.own]));
    expect([...own]).toEqual(expect.arrayContaining(["Inter Variable", "JetBrains Mono"]));
    await page.context().close();
  });

  it("are asked for once, before anything else needs them", async () => {
    const context = await browser.newContext();
    const asked: string[] = [];
    const unused: string[] = [];
    const page = await openTab(context, "", async (tab) => {
      tab.on(
        "request",
        (request) => request.url().includes("/fonts/") && asked.push(request.url().split("/").at(-1) ?? ""),
      );
      tab.on("console", (message) => message.text().includes("preload") && unused.push(message.text()));
      await withoutWebgpu(tab);
    });
    await page.locator("kelvin-recorded-field figure").waitFor({ timeout: PATIENCE });
    expect(asked.toSorted()).toEqual(SHIPPED_FONTS.map(({ name }) => name).toSorted());
    expect(unused).toEqual([]);
    await context.close();
  });

  it("break no line anew and move nothing up or down when they come late", async (test) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    let send = () => {};
    const asked = new Promise<void>((resolve) => {
      send = resolve;
    });
    await withoutWebgpu(page);
    await page.route("**/fonts/*.woff2", async (route) => {
      await asked;
      await route.continue();
    });
    await page.goto(inject("pageUrl"), { waitUntil: "domcontentloaded" });
    await page.locator("kelvin-recorded-field figure").waitFor({ timeout: PATIENCE });
    const before = await placesOf(page);
    send();
    const haveCome = () => [...document.fonts].filter(({ status }) => status === "loaded").length >= 2;
    await until(page, haveCome, null, PATIENCE);
    await page.evaluate(() => document.fonts.ready);
    const after = await placesOf(page);
    // Local stand-ins of the same measures: a machine without any font has none, and nothing to read until ours come.
    const stoodIn = await page.evaluate(() =>
      [...document.fonts].some(({ family, status }) => family.includes(" as ") && status === "loaded"),
    );
    if (!stoodIn) {
      console.log("skipped: this machine has no font to stand in until ours come");
      return test.skip("this machine has no font to stand in");
    }
    const pairs = before.map((place, index) => [place, after[index] ?? ""] as const);
    const moved = pairs.filter(([place, then]) => !isNear(place, then));
    expect(moved).toEqual([]);
    expect(after.length).toBe(before.length);
    await context.close();
  });
});
