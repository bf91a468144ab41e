import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logLine } from "../../src/telemetry/log";
import { leaveBrowser, sharedBrowser } from "../setup/browser";
import { scriptedRun } from "../ui/scripted-run";
import { openTab, PATIENCE, withoutWebgpu } from "./drive";

/** What was asked of the stranger's server. */
const asked: string[] = [];
let server: Server;
let browser: Browser;
beforeAll(async () => {
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    response.writeHead(404, { "access-control-allow-origin": "*" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  browser = await sharedBrowser();
});
afterAll(async () => {
  await leaveBrowser();
  server?.close();
});

const encode = (text: string) => new TextEncoder().encode(text);
const LOG = [...scriptedRun({ seed: 2, steps: 2, proposals: 1, rollouts: 1 })]
  .map((one) => logLine(one) ?? "")
  .join("");

/** A run whose model lies at an address of the stranger. */
function strangersZip(model: string): Buffer {
  const run = { method: "azr", model, seed: 1, steps: 3, overrides: {}, evaluateTasks: 0, evaluateEvery: 0 };
  const state = { step: 2, prepared: true, elapsed: 1, memory: [] };
  const files = ["model.safetensors", "engine.bin", "config.json", "tokenizer.json"];
  return Buffer.from(
    zipSync({
      "events.jsonl": encode(LOG),
      "checkpoint/run.json": encode(JSON.stringify({ schema: 1, run, suites: [], state, events: 2 })),
      ...Object.fromEntries(files.map((name) => [`checkpoint/${name}`, encode("{}")])),
    }),
  );
}

const bring = (page: Page, name: string, buffer: Buffer) =>
  page.locator("kelvin-runs-view input[type=file]").setInputFiles({ name, mimeType: "", buffer });

it("a stranger's run makes no request to the stranger's address before the visitor asks for it", {
  timeout: PATIENCE,
}, async () => {
  const { port } = server.address() as AddressInfo;
  const page = await openTab(await browser.newContext(), "?view=runs");
  await page.getByText("No run is kept yet.").waitFor();
  await bring(page, "run.zip", strangersZip(`http://localhost:${port}/evil/model/`));
  await page.locator("kelvin-run-row").getByRole("button", { name: "Resume" }).click({ timeout: PATIENCE });
  await page.getByText(`This trains a model from localhost:${port}.`).first().waitFor({ timeout: PATIENCE });
  await page.reload();
  await page.getByText(`This trains a model from localhost:${port}.`).first().waitFor({ timeout: PATIENCE });
  await page.waitForTimeout(500);
  expect(asked).toEqual([]);
  await page.context().close();
});

it("bombs are refused in a sentence, and what cannot be read can be deleted", { timeout: PATIENCE }, async () => {
  const page = await openTab(await browser.newContext(), "?view=runs", withoutWebgpu);
  await page.getByText("No run is kept yet.").waitFor();
  const alert = page.locator("kelvin-runs-view").getByRole("alert");
  const pad = new Uint8Array(100 * 2 ** 20);
  await bring(page, "bomb.zip", Buffer.from(zipSync({ "events.jsonl": encode(LOG), "pad.bin": pad })));
  await alert
    .getByText("bomb.zip unpacks to more than 200 times its size.")
    .or(alert.getByText("unpacks to more than"))
    .waitFor();
  await page.getByRole("button", { name: "Put the message away" }).click();
  await bring(page, "bomb.jsonl.gz", gzipSync(pad));
  await alert.getByText("The packed log unpacks to more than").waitFor({ timeout: PATIENCE });
  await page.evaluate(async () => {
    const runs = await (await navigator.storage.getDirectory()).getDirectoryHandle("runs", { create: true });
    await runs.getDirectoryHandle("half-a-run", { create: true });
  });
  await bring(page, "events.jsonl", Buffer.from(LOG));
  await page.locator("kelvin-run-row").getByText("2 of 2 steps, a recording").waitFor();
  await page.getByRole("button", { name: "Delete half-a-run" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByRole("button", { name: "Delete half-a-run" }).waitFor({ state: "detached" });
  await page.goto(new URL("?replay=kept/..", page.url()).href);
  await page.getByText("This run is no longer on this device.").waitFor({ timeout: PATIENCE });
  expect(await page.getByText("mistake in Kelvin").count()).toBe(0);
  await page.context().close();
});
