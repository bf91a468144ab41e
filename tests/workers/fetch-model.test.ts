import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ungrouped } from "../../src/contracts";
import { writeSafetensors } from "../../src/model/safetensors";
import { fetchCard, fetchModel, fetchSuites } from "../../src/workers/fetch-model";

const root = new URL("https://kelvin.test/folder/");
const task = { type: "deduction", program: "def f(x):\n return x+1", input: "1", output: "2", statements: 1 };
const accuracy = { greedy: 0.34, sampled: 0.39, forcedTrace: 0.88, traceShare: 0.18, tasks: 400 };

const WEIGHTS = writeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]));

/** What the server has; anything else is answered with the page, as single-page servers do. */
let files: Record<string, string | Uint8Array<ArrayBuffer>>;
beforeEach(() => {
  files = {
    "models/nano/config.json": "{}",
    "models/nano/tokenizer.json": '{"model":{}}',
    "models/nano/model.safetensors": WEIGHTS,
    "suites/in-distribution.jsonl": JSON.stringify(task),
    "suites/out-of-distribution.jsonl": JSON.stringify({ ...task, output: "3" }),
  };
  vi.stubGlobal("fetch", async (url: URL) => {
    const body = files[url.href.slice(root.href.length)];
    const type = body === undefined ? "text/html" : "application/octet-stream";
    return new Response(body ?? "<!doctype html>", { headers: { "content-type": type } });
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("fetchModel", () => {
  it("brings the three files, weights counted by bytes", async () => {
    const counted: [number, number][] = [];
    const model = await fetchModel(root, "nano", (loaded, total) => counted.push([loaded, total]));
    expect(model).toMatchObject({ name: "nano", config: {}, tokenizer: { model: {} }, chat: null });
    expect(await model.weights.get("a")?.read(0, 2)).toEqual(Float32Array.of(1, 2));
    expect(counted.at(-1)).toEqual([WEIGHTS.byteLength, WEIGHTS.byteLength]);
  });

  it.each([
    ["nowhere", "models/nowhere/config.json"],
    ["../secrets", "not the name of a model"],
    ["https://elsewhere.test", "not the name of a model"],
  ])("refuses %s in one clear line", async (name, words) => {
    await expect(fetchModel(root, name, () => {})).rejects.toMatchObject({
      reason: "model",
      message: expect.stringContaining(words),
    });
  });

  it("names the file that is not JSON", async () => {
    files["models/nano/tokenizer.json"] = "{";
    await expect(fetchModel(root, "nano", () => {})).rejects.toThrow("tokenizer.json is not JSON");
  });
});

describe("what lies beside a model", () => {
  it("is its own suite where it has one, else the one that ships", async () => {
    files["models/nano/heldout-in-distribution.jsonl"] = JSON.stringify({ ...task, output: "9" });
    const suites = await fetchSuites(root, "nano");
    expect(suites.map(({ name, tasks }) => [name, tasks[0]?.pairs[0]?.output])).toEqual([
      ["in-distribution", "9"],
      ["out-of-distribution", "3"],
    ]);
  });

  it("is its card's figures on the headline suite, and nothing where the card says something else", async () => {
    expect(await fetchCard(root, "nano")).toBeNull();
    files["models/nano/card.json"] = JSON.stringify({
      update: 1,
      suites: { "in-distribution": { deduction: accuracy } },
    });
    expect(await fetchCard(root, "nano")).toEqual(ungrouped({ deduction: accuracy }));
    files["models/nano/card.json"] = JSON.stringify({ suites: { "in-distribution": { deduction: { greedy: 3 } } } });
    expect(await fetchCard(root, "nano")).toBeNull();
  });
});
