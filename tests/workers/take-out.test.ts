import { existsSync, readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { freshState, type RunConfig } from "../../src/contracts";
import { textPieces } from "../../src/storage/checkpoint";
import { importRun } from "../../src/storage/import";
import { readResumable } from "../../src/storage/resumable";
import { RunWriter } from "../../src/storage/run-writer";
import { writeSavedRun } from "../../src/storage/saved-run";
import { takeOut } from "../../src/workers/take-out";
import { type Device, memoryDevice } from "../storage/device";
import { scriptedRun } from "../ui/scripted-run";

const run: RunConfig = {
  ...{ method: "azr", model: "kelvin-nano", seed: 2, steps: 2, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
/** Larger than its run's log and record together. */
const WEIGHTS = 1_000_000;
const PARTS = [
  ...["chat_template.jinja", "config.json", "digests.json", "engine.bin", "model.safetensors", "run.json"],
  "tokenizer.json",
];

let device: Device;
beforeEach(() => {
  device = memoryDevice();
  vi.stubGlobal("navigator", device.navigator);
});
afterEach(() => vi.unstubAllGlobals());

/** A kept run of two steps with a checkpoint; its engine state comes in two pieces. */
async function kept(
  companions: Readonly<Record<string, string>> = { "tokenizer.json": "{}", "chat_template.jinja": "{{ messages }}" },
): Promise<string> {
  const writer = await RunWriter.begin(run, "The large one", [
    ...scriptedRun({ seed: 2, steps: 2, proposals: 2, rollouts: 2 }),
  ]);
  const saved = writeSavedRun({ run, suites: [], state: { ...freshState(), step: 2, prepared: true }, events: 3 });
  await writer.checkpoint(
    2,
    new Map([
      ["model.safetensors", [new Uint8Array(WEIGHTS)]],
      ["engine.bin", [new Uint8Array([3]), new Uint8Array([4, 5])]],
      ["config.json", textPieces("{}")],
      ...Object.entries(companions).map(([name, text]) => [name, textPieces(text)] as const),
      ["run.json", textPieces(saved)],
    ]),
  );
  await writer.close("done");
  return writer.id;
}

describe("a run's folder", () => {
  it("is taken out as one zip file", async () => {
    const { name, file } = await takeOut(await kept(), "folder");
    expect(name).toBe("the-large-one.run.zip");
    const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
    expect(Object.keys(files).sort()).toEqual([...PARTS.map((part) => `checkpoint/${part}`), "events.jsonl"]);
    expect([...(files["checkpoint/engine.bin"] ?? [])]).toEqual([3, 4, 5]);
  });

  it("is taken out for a cluster with the page's held-out suites, and without what only Kelvin reads", async () => {
    const asked: string[] = [];
    vi.stubGlobal("self", { name: "https://page.test/a/" });
    vi.stubGlobal("fetch", async (url: URL) => {
      asked.push(url.pathname);
      const suite = url.pathname.replace("/a/", "public/");
      return existsSync(suite) ? new Response(readFileSync(suite, "utf8")) : new Response("", { status: 404 });
    });
    const tokenizer = readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8");
    const { name, file } = await takeOut(await kept({ "tokenizer.json": tokenizer }), "handover");
    expect(name).toBe("the-large-one.handover.zip");
    const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
    const model = [
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ];
    expect(
      Object.keys(files)
        .filter((path) => path.startsWith("model/"))
        .sort(),
    ).toEqual([...model, "chat_template.jinja"].map((part) => `model/${part}`).sort());
    const lines = new TextDecoder().decode(files["tasks/held-out.jsonl"]).trimEnd().split("\n");
    expect(lines.length).toBe(2100);
    expect(asked).toContain("/a/suites/in-distribution.jsonl");
  });

  it("is brought in again with every small file of the model", async () => {
    const { name, file } = await takeOut(await kept(), "folder");
    const { id } = await importRun(new File([file], name));
    const files = [...device.files().keys()].filter((path) => path.startsWith(`runs/${id}/checkpoint`));
    expect(files.map((path) => path.split("/").at(-1)).sort()).toEqual([...PARTS]);
  });

  it("that is too large for one is refused with the way out, which has no limit", async () => {
    const id = await kept();
    const refusal = { reason: "storage", hint: expect.stringContaining("weights as safetensors") };
    await expect(takeOut(id, "folder", WEIGHTS)).rejects.toMatchObject({
      ...refusal,
      message:
        "This run's folder, 0.0 GB, cannot be taken out as one zip file: the page makes files of at most 0.0 GB.",
    });
    await expect(takeOut(id, "onnx", WEIGHTS - 1)).rejects.toMatchObject(refusal);
    expect((await takeOut(id, "safetensors", 1)).file.size).toBe(WEIGHTS);
    expect((await takeOut(id, "log", 1)).file.size).toBeGreaterThan(1000);
  });
});

describe("a folder that comes back from another machine", () => {
  /** The zip file of a run of a model that does not ship with the page, as Node names it; `change` alters its files. */
  async function zipOf(change: (files: Record<string, Uint8Array>) => void): Promise<File> {
    const { file } = await takeOut(await kept(), "folder");
    const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
    change(files);
    return new File([zipSync(files) as Uint8Array<ArrayBuffer>], "run.zip");
  }

  it("is whole here too, though its record changes and files of it are left out", async () => {
    const zip = await zipOf((files) => {
      const written = JSON.parse(new TextDecoder().decode(files["checkpoint/digests.json"]));
      files["checkpoint/heldout-own.jsonl"] = new Uint8Array([7]);
      const digests = { ...written.files, "heldout-own.jsonl": "of a file that stays out" };
      files["checkpoint/digests.json"] = new TextEncoder().encode(JSON.stringify({ ...written, files: digests }));
    });
    const { id } = await importRun(zip);
    expect((await readResumable(id)).notices).toEqual([]);
  });

  it("is refused where a bit of it changed on the way", async () => {
    const zip = await zipOf((files) => {
      files["checkpoint/engine.bin"] = new Uint8Array([3, 4, 4]);
    });
    await expect(importRun(zip)).rejects.toThrow("checkpoint/engine.bin is damaged: it is not what was written.");
    expect([...device.files().keys()].filter((path) => path.includes("imported"))).toEqual([]);
  });
});
