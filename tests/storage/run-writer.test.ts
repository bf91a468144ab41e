import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Json, RunConfig } from "../../src/contracts";
import { openRuns, readText, writeFile } from "../../src/storage/files";
import { listRuns, renameRun } from "../../src/storage/library";
import { RunWriter } from "../../src/storage/run-writer";
import { readLog } from "../../src/storage/stored";
import { logLine } from "../../src/telemetry/log";
import { scriptedRun } from "../ui/scripted-run";
import { type Device, memoryDevice } from "./device";

const events = [...scriptedRun({ seed: 2, steps: 2, proposals: 2, rollouts: 2 })];
const run: RunConfig = {
  ...{ method: "azr", model: "kelvin-nano", seed: 2, steps: 2, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
const checkpoint = new Map([
  ["model.safetensors", [new Uint8Array([1, 2])]],
  ["engine.bin", [new Uint8Array([3])]],
  ["config.json", [new Uint8Array([4])]],
  ["run.json", [new Uint8Array([5])]],
]);

let device: Device;
beforeEach(() => {
  device = memoryDevice();
  vi.stubGlobal("navigator", device.navigator);
});
afterEach(() => vi.unstubAllGlobals());

/** A lock is let go by the promise that held it. */
const lockLetGo = () => new Promise((resolve) => setTimeout(resolve));
const begin = () => RunWriter.begin(run, "the first", events);

/** Changes the record of a run as another version would have written it. */
async function change(id: string, fields: Readonly<Record<string, Json>>): Promise<void> {
  const folder = await (await openRuns()).getDirectoryHandle(id);
  const record = JSON.parse((await readText(folder, "about.json")) ?? "");
  await writeFile(folder, "about.json", JSON.stringify({ ...record, ...fields }));
}

describe("a run that is written down", () => {
  it("is busy until it says how it ended", async () => {
    const writer = await begin();
    expect(await listRuns()).toMatchObject([{ status: "running", busy: true, steps: 2 }]);
    const seen: Promise<unknown>[] = [];
    device.onWrite = () => seen.push(listRuns());
    await writer.close("done");
    device.onWrite = () => {};
    expect(seen.length).toBe(1);
    expect(await seen[0]).toMatchObject([{ busy: true }]);
    expect(await listRuns()).toMatchObject([{ status: "done", busy: false, steps: 2 }]);
    expect(await (await readLog(writer.id)).text()).toBe(events.map((event) => logLine(event) ?? "").join(""));
  });

  it("cannot be renamed before: the writer would write the old name over the new one", async () => {
    const writer = await begin();
    let renaming: Promise<unknown> = Promise.resolve();
    device.onWrite = () => {
      device.onWrite = () => {};
      renaming = renameRun(writer.id, "another").catch((error: Error) => error.message);
    };
    await writer.close("kept");
    expect(await renaming).toMatch(/cannot be renamed/);
    await renameRun(writer.id, "another");
    expect(await listRuns()).toMatchObject([{ name: "another", status: "kept" }]);
  });

  it("is listed with its measures where its record has them by task type, as they were written before", async () => {
    const writer = await begin();
    await writer.close("done");
    const before = { deduction: { greedy: 0.3, sampled: 0.4, traceShare: 0.2, tasks: 100 } };
    await change(writer.id, { before, after: before });
    const [listed] = await listRuns();
    expect(listed?.before).toContainEqual({ name: "deduction/greedy", value: 0.3, n: 100 });
    expect(listed?.after).toEqual(listed?.before);
    await change(writer.id, { before: { deduction: 5 } });
    expect(await listRuns()).toEqual([]);
  });

  it("is let go where its end finds no room", async () => {
    const writer = await begin();
    await writer.checkpoint(2, checkpoint);
    device.full = true;
    await expect(writer.close("done")).rejects.toMatchObject({ reason: "storage" });
    device.full = false;
    expect(await listRuns()).toMatchObject([{ status: "kept", checkpoint: 2, busy: false }]);
    await renameRun(writer.id, "still there");
  });

  it("leaves nothing behind where its beginning finds no room", async () => {
    device.full = true;
    await expect(begin()).rejects.toMatchObject({ reason: "storage" });
    device.full = false;
    expect([...device.files().keys()]).toEqual([]);
    expect(await listRuns()).toEqual([]);
    expect((await begin()).lines).toBeGreaterThan(0);
  });

  it("keeps the checkpoint before where the next one finds no room", async () => {
    const writer = await begin();
    await writer.checkpoint(1, checkpoint);
    device.onWrite = (name) => {
      device.full = name === "engine.bin";
    };
    await expect(writer.checkpoint(2, checkpoint)).rejects.toMatchObject({ reason: "storage" });
    writer.abandon();
    device.full = false;
    await lockLetGo();
    expect(await listRuns()).toMatchObject([{ status: "kept", checkpoint: 1, busy: false }]);
    expect([...device.files().keys()].filter((path) => path.includes("checkpoint-a")).length).toBe(5);
  });

  it("is not kept without a finished step", async () => {
    const writer = await RunWriter.begin(run, "too short", events.slice(0, 3));
    await writer.close("kept");
    expect(await listRuns()).toEqual([]);
    expect([...device.files().keys()]).toEqual([]);
  });
});
