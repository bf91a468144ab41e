import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { openTab, PATIENCE, start, TINY, waitForEnd } from "./drive";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(leaveBrowser);

/** Texts of the small files of that name kept on the device. */
function keptFiles(page: Page, name: string): Promise<string[]> {
  return page.evaluate(async (wanted) => {
    const found: string[] = [];
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const handle of folder.values()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle);
        else if (handle.name === wanted) found.push(await (await handle.getFile()).text());
      }
    };
    await walk(await navigator.storage.getDirectory());
    return found;
  }, name);
}

describe("a run that a link asks to train adapters over halves", () => {
  it("trains them, and keeps them in PEFT's layout", { timeout: 2 * PATIENCE }, async () => {
    const context = await browser.newContext();
    const page = await openTab(context, `${TINY}&steps=1&lora=4:8:q,v&base=f16`);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await start(page);
    await waitForEnd(page);
    await expect.poll(() => keptFiles(page, "adapter_config.json"), { timeout: 30_000 }).toHaveLength(1);
    const [config = ""] = await keptFiles(page, "adapter_config.json");
    expect(JSON.parse(config)).toMatchObject({ r: 4, lora_alpha: 8, target_modules: ["q_proj", "v_proj"] });
    const [run = ""] = await keptFiles(page, "run.json");
    expect(JSON.parse(run)).toMatchObject({
      run: { lora: { rank: 4, alpha: 8, targets: ["q", "v"], base: "float16" } },
      state: { step: 1 },
    });
    const [log = ""] = await keptFiles(page, "events.jsonl");
    expect(JSON.parse(log.split("\n")[0] ?? "")).toMatchObject({
      type: "run.start",
      lora: { rank: 4, base: "float16" },
    });
    expect(errors).toEqual([]);
    await context.close();
  });
});
