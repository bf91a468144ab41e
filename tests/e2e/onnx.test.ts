import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type * as OnnxRuntime from "onnxruntime-web";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argmax, worstDifference } from "../export/runtime";
import { openShipped } from "../export/shipped";
import { launchPlain } from "../setup/browser";

const runtimeFolder = join("node_modules", "onnxruntime-web", "dist");
const types: Readonly<Record<string, string>> = { ".mjs": "text/javascript", ".wasm": "application/wasm" };
const html = `<title>ONNX</title><script type="module">
  import * as runtime from "./ort.wasm.bundle.min.mjs";
  globalThis.runtime = runtime;
</script>`;
const shipped = await openShipped();

let server: Server;
let browser: Browser;
let page: Page;

/** The model at /model.onnx, ONNX Runtime's own files, and a page that loads it for everything else. No special headers. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/model.onnx") return response.end(Buffer.concat(shipped.parts));
    const file = join(runtimeFolder, path);
    const type = types[extname(path)];
    if (!type || !existsSync(file)) return response.writeHead(200, { "Content-Type": "text/html" }).end(html);
    response.writeHead(200, { "Content-Type": type });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchPlain();
  page = await browser.newPage();
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => server?.close(resolve));
});

/** In the page: logits of a prompt, and of one token after it on the cache. */
async function inPage({
  prompt,
  next,
  layers,
  shape,
}: {
  prompt: number[];
  next: number;
  layers: number;
  shape: number[];
}) {
  const { InferenceSession, Tensor } = (globalThis as unknown as { runtime: typeof OnnxRuntime }).runtime;
  const session = await InferenceSession.create("/model.onnx");
  const row = (values: number[]) => new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
  const names = upTo(layers).flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
  const first = await session.run({
    input_ids: row(prompt),
    attention_mask: row(prompt.map(() => 1)),
    position_ids: row(upTo(prompt.length)),
    ...Object.fromEntries(
      names.map((name) => [`past_key_values.${name}`, new Tensor("float32", new Float32Array(0), shape)]),
    ),
  });
  const second = await session.run({
    input_ids: row([next]),
    attention_mask: row([...prompt.map(() => 1), 1]),
    position_ids: row([prompt.length]),
    ...Object.fromEntries(
      names.map((name) => [`past_key_values.${name}`, first[`present.${name}`] as OnnxRuntime.Tensor]),
    ),
  });
  return [first, second].map(({ logits }) => Array.from(logits?.data as Float32Array));
}

describe("an exported model in Chromium", () => {
  it("gives the logits it gives in Node, with and without a cache", async () => {
    const { runtime, config, prompts } = shipped;
    const prompt = [...(prompts[0] as Int32Array)];
    const first = await runtime.run([prompt]);
    const next = argmax(first.logits.subarray(-config.vocabulary));
    const second = await runtime.run([[next]], first.past);
    const shape = [1, config.heads.keyHeads, 0, config.heads.headDim];
    const [prefill, step] = await page.evaluate(inPage, { prompt, next, layers: config.layers, shape });
    expect(worstDifference(prefill ?? [], first.logits)).toBeLessThan(1e-3);
    expect(worstDifference(step ?? [], second.logits)).toBeLessThan(1e-3);
  });
});
