import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { cpuModules } from "../../scripts/lib/cpu-modules.mjs";
import type { ModelChoice } from "../../src/contracts";
import { writeSafetensors } from "../../src/model/safetensors";
import { ModelServer } from "../download/model-server";
import { plusThree } from "../plus-three";
import { launchBrowser, launchPlain } from "../setup/browser";
import { expectWhole } from "../shapes/expect-whole";
import { FAMILIES, type Family } from "../shapes/families";
import { generatedLanguage } from "../shapes/vocabularies";
import { modelFiles, writeFolder } from "../shapes/write-model";
import { PATIENCE } from "./drive";
import type { Opened } from "./model-files/worker";

const outDir = resolve("dist/test-model-files");
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const CONFIG = {
  ...{ model_type: "llama", vocab_size: 4, hidden_size: 4, intermediate_size: 4, num_hidden_layers: 1 },
  ...{ num_attention_heads: 1 },
};
/** Two blocks and a piece. */
const NUMBERS = 2.2e6;
const WEIGHTS = writeSafetensors(new Map([["a", { shape: [NUMBERS], data: new Float32Array(NUMBERS).fill(0.5) }]]));
const SUM = NUMBERS / 2;

const models = new ModelServer();
let pages: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await build({
    configFile: false,
    root: fileURLToPath(new URL("./model-files", import.meta.url)),
    base: "./",
    publicDir: false,
    plugins: [cpuModules()],
    worker: { format: "es", plugins: () => [cpuModules()] },
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2023" },
  });
  pages = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = join(outDir, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((done) => pages.listen(0, "127.0.0.1", done));
  await models.open();
  browser = await launchPlain();
});
afterAll(async () => {
  await browser?.close();
  pages?.close();
  await models.close();
});

beforeEach(async () => {
  models.files.clear();
  models.files.set("tiny/config.json", encode(CONFIG));
  models.files.set("tiny/tokenizer.json", encode({ model: {} }));
  models.files.set("tiny/model.safetensors", WEIGHTS);
  Object.assign(models, { breakAfter: Number.POSITIVE_INFINITY, compresses: false });
  models.asked.length = 0;
  context = await browser.newContext();
  page = await context.newPage();
  await load();
});
afterEach(() => context.close());

async function load(): Promise<void> {
  await page.goto(`http://localhost:${(pages.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => "openModel" in window);
}
const open = (choice: ModelChoice | "chosen"): Promise<Opened> =>
  page.evaluate((sent) => window.openModel(sent), choice);
const fetched = () =>
  models.asked.filter((asked) => asked.startsWith("tiny/model.safetensors") && !asked.includes("index"));

describe("a model from an address, in Chromium", () => {
  it("streams to the device with its bytes counted, and lies there the next time, also without a network", async () => {
    const choice = { url: `${models.address}tiny` };
    const opened = await open(choice);
    expect(opened).toMatchObject({ name: "tiny", sum: SUM, bytes: WEIGHTS.byteLength });
    expect("steps" in opened && opened.steps).toBeGreaterThan(5);
    await load();
    expect(await open(choice)).toMatchObject({ sum: SUM });
    expect(fetched()).toEqual(["tiny/model.safetensors"]);
    await context.route(`${models.address}**`, (route) => route.abort());
    expect(await open(choice)).toMatchObject({ sum: SUM });
  });

  it("may come compressed from a server that does not tell another origin so", async () => {
    models.compresses = true;
    // Servers compress what becomes shorter by it.
    models.files.set("tiny/config.json", encode({ ...CONFIG, _notes: "as ever ".repeat(100) }));
    models.files.set("tiny/tokenizer.json", encode({ model: {}, _notes: "as ever ".repeat(100) }));
    expect(await open({ url: `${models.address}tiny` })).toMatchObject({ name: "tiny", sum: SUM });
  });

  it("goes on where it was interrupted, after a reload too", async () => {
    const choice = { url: `${models.address}tiny` };
    Object.assign(models, { breakAfter: 5e6, silence: 1500 });
    expect(await open(choice)).toEqual({
      reason: "model",
      message: expect.stringMatching(/^the download of model.safetensors stopped at \d\.\d of 8\.8 MB$/),
    });
    models.breakAfter = Number.POSITIVE_INFINITY;
    await load();
    expect(await open(choice)).toMatchObject({ sum: SUM });
    expect(fetched()).toEqual(["tiny/model.safetensors", "tiny/model.safetensors bytes=4194304-"]);
  });

  it("says that the device is full, and loads when it is not", async () => {
    const session = await context.newCDPSession(page);
    const origin = new URL(page.url()).origin;
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 3e6 });
    const choice = { url: `${models.address}tiny` };
    expect(await open(choice)).toMatchObject({ reason: "storage", message: expect.stringContaining("no room") });
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    expect(await open(choice)).toMatchObject({ sum: SUM });
  });

  it("is listed with its room, and makes room when it is removed", async () => {
    const url = `${models.address}tiny/`;
    await open({ url });
    const downloads = (remove?: string) => page.evaluate((given) => window.downloads(given), remove);
    const [kept] = (await downloads()) ?? [];
    expect(kept).toMatchObject({ url, name: "tiny" });
    expect(kept?.bytes).toBeGreaterThan(WEIGHTS.byteLength);
    expect(await downloads(url)).toBeNull();
    expect(await downloads()).toEqual([]);
    await open({ url });
    expect(fetched()).toHaveLength(2);
  });

  it.each([
    ["nobody answers", "http://127.0.0.1:9/tiny", /could not be reached/],
    ["there is no model", "nowhere", /^nowhere has no config.json$/],
    ["it is no address", "kelvin", /“kelvin” is not a web address/],
  ])("says that %s", async (_, url, message) => {
    const opened = await open({ url: url === "nowhere" ? `${models.address}nowhere` : url });
    expect(opened).toMatchObject({ message: expect.stringMatching(message) });
  });
});

/** A worker's stack is smaller than Node's: it ends where a file's length decides how deep calls go. */
describe("a model of 151,936 tokens, in Chromium", () => {
  it("is loaded, asked, trained by a step, exported and loaded again", { timeout: PATIENCE }, async () => {
    const family = FAMILIES.find(({ name }) => name === "Qwen2.5") as Family;
    const folder = mkdtempSync(join(tmpdir(), "kelvin-large-"));
    writeFolder(folder, modelFiles(family, generatedLanguage(family)));
    await page.locator("input").setInputFiles(readdirSync(folder).map((file) => join(folder, file)));
    const path = await page.evaluate(() => window.wholePath());
    rmSync(folder, { recursive: true });
    expectWhole(path, "<|im_start|>user\nAfter <ded> comes a Python function");
  });
});

describe("a model of chosen files, in Chromium", () => {
  const buffer = (bytes: Uint8Array) => Buffer.from(bytes);

  it("is read where it lies", async () => {
    await page.setInputFiles("input", [
      { name: "config.json", mimeType: "application/json", buffer: buffer(encode(CONFIG)) },
      { name: "tokenizer.json", mimeType: "application/json", buffer: buffer(encode({ model: {} })) },
      { name: "model.safetensors", mimeType: "", buffer: buffer(WEIGHTS) },
    ]);
    expect(await open("chosen")).toMatchObject({ name: "your model", sum: SUM });
  });

  it("says which file is missing", async () => {
    const config = { name: "config.json", mimeType: "application/json", buffer: buffer(encode(CONFIG)) };
    await page.setInputFiles("input", [config]);
    expect(await open("chosen")).toEqual({ reason: "model", message: "your model has no tokenizer.json" });
  });
});

/** A reply of the trainer, as far as this test looks at it. */
interface Told {
  readonly type: string;
  readonly model?: { readonly name: string };
  readonly message?: string;
  readonly answer?: { readonly base: readonly { readonly text: string }[] };
}

describe("the page's trainer", () => {
  /** Posts to the trainer's worker and waits for its reply of a kind. */
  const tell = (page: Page, message: unknown, kind: string): Promise<Told> =>
    page.evaluate(
      ([sent, awaited]) =>
        new Promise<Told>((resolve) => {
          const { trainer } = window as unknown as { trainer: Worker };
          trainer.addEventListener("message", function heard({ data }: MessageEvent<Told>) {
            if (data.type !== awaited) return;
            trainer.removeEventListener("message", heard);
            resolve(data);
          });
          if (sent !== null) trainer.postMessage(sent);
        }),
      [message, kind] as const,
    );

  it("takes a model from an address, and keeps it when the next cannot be had", { timeout: 2 * PATIENCE }, async () => {
    for (const file of ["config.json", "tokenizer.json", "model.safetensors"])
      models.files.set(`elsewhere/${file}`, readFileSync(`public/models/kelvin-nano/${file}`));
    const withGpu = await launchBrowser();
    const page = await withGpu.newPage();
    await page.addInitScript(() => {
      // The page makes other workers too: the trainer's is the one that answers with "ready".
      window.Worker = class extends Worker {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given);
          this.addEventListener("message", ({ data }) => {
            if (data?.type === "ready") Object.assign(window, { trainer: this });
          });
        }
      };
    });
    await page.goto(inject("pageUrl"));
    await page.waitForFunction(() => "trainer" in window, null, { timeout: PATIENCE });
    const load = (url: string) => ({ type: "load", model: { url }, lora: null });
    const loaded = await tell(page, load(`${models.address}elsewhere`), "loaded");
    // The shipped model may have been on its way.
    const { model } = loaded.model?.name === "elsewhere" ? loaded : await tell(page, null, "loaded");
    expect(model?.name).toBe("elsewhere");
    const failure = await tell(page, load(`${models.address}nowhere`), "failure");
    expect(failure.message).toBe("nowhere has no config.json");
    const asks = { task: plusThree(), seed: 1, samples: 1, temperature: 0 };
    const { answer } = await tell(page, { type: "ask", id: 1000, question: "compare", asks }, "answer");
    expect(answer?.base[0]?.text).toMatch(/<ans>/);
    await withGpu.close();
  });
});
