import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunFolder, readCheckpoint } from "../../src/cli/run-folder";
import { freshState, type RunConfig, type TrainEvent } from "../../src/contracts";

const run: RunConfig = {
  ...{ method: "azr", model: "kelvin-nano", seed: 2, steps: 9, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
const skip = (step: number): TrainEvent => ({ type: "step.skip", reason: "", step, ms: 1 });
const weights = (value: number) => ({
  safetensors: [Uint8Array.of(value), new Uint8Array(9 * 2 ** 20).fill(value)],
  engine: [Uint8Array.of(value, 2, 3)],
  companions: [],
});

let folder = "";
const at = (...names: string[]) => join(folder, ...names);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-durable-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run with checkpoints after so many steps, one after another. */
async function stored(...steps: readonly number[]): Promise<RunFolder> {
  const kept = RunFolder.begin(folder);
  for (const step of steps) {
    kept.append(skip(step - 1));
    const state = { ...freshState(), prepared: true, step };
    await kept.saveCheckpoint({ run, suites: [], state, events: kept.lines }, weights(step));
  }
  kept.close();
  return kept;
}

/** Changes one bit of a file. */
function flip(path: string, index: number): void {
  const bytes = readFileSync(path);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe("a checkpoint", () => {
  it("lists a digest of every file, and is read without a word", async () => {
    await stored(1);
    const { files } = JSON.parse(readFileSync(at("checkpoint", "digests.json"), "utf8"));
    expect(Object.keys(files).sort()).toEqual(["engine.bin", "model.safetensors", "run.json"]);
    expect(await readCheckpoint(folder)).toMatchObject({ saved: { state: { step: 1 } }, notices: [] });
  });

  it.each([
    ["engine.bin", 2],
    ["model.safetensors", 5 * 2 ** 20],
    ["run.json", 40],
    ["digests.json", 60],
  ])("with one bit of %s changed gives way to the one before it, which is said", async (name, index) => {
    await stored(1, 2);
    flip(at("checkpoint", name), index);
    const { saved, notices } = await readCheckpoint(folder);
    expect(saved.state.step).toBe(1);
    expect(notices).toEqual([expect.stringMatching(/is damaged: .*; the checkpoint before it is used$/)]);
    flip(at("checkpoint.old", name), index);
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ reason: "input", message: /is damaged/ });
  });

  it("that lacks a file is damaged", async () => {
    await stored(1);
    rmSync(at("checkpoint", "engine.bin"));
    await expect(readCheckpoint(folder)).rejects.toThrow(/damaged: engine.bin is not what was written/);
  });

  it("of an earlier version, without digests, is used, with a word", async () => {
    await stored(1);
    rmSync(at("checkpoint", "digests.json"));
    const { saved, notices } = await readCheckpoint(folder);
    expect(saved.state.step).toBe(1);
    expect(notices).toEqual([expect.stringContaining("without digests: it is used unchecked")]);
  });

  it("is kept until the one after the next, and thinned at the end", async () => {
    const kept = await stored(1, 2, 3);
    const stepOf = (name: string) => JSON.parse(readFileSync(at(name, "run.json"), "utf8")).state.step;
    expect([stepOf("checkpoint"), stepOf("checkpoint.old")]).toEqual([3, 2]);
    kept.thin();
    expect(readdirSync(folder).sort()).toEqual(["checkpoint", "events.jsonl"]);
  });
});

describe("a run's folder", () => {
  it("has one writer, and is free when that process has ended, even by a kill", async () => {
    const kept = await stored(1);
    const resumed = () => RunFolder.begin(folder, ["{}"]);
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(at("in-use.lock"), String(other.pid));
    expect(resumed).toThrow(`process ${other.pid} writes the run in ${folder}`);
    expect(readFileSync(at("events.jsonl"), "utf8")).toContain("step.skip");
    const ended = new Promise((resolve) => other.on("exit", resolve));
    other.kill("SIGKILL");
    await ended;
    const second = resumed();
    expect(resumed).toThrow(`process ${process.pid} writes the run`);
    kept.close();
    second.close();
    expect(existsSync(at("in-use.lock"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith("in-use"))).toEqual([]);
  });

  it("is refused to a second run that was planned at the same time", async () => {
    RunFolder.requireEmpty(folder);
    await stored(1);
    expect(() => RunFolder.begin(folder)).toThrow(/already holds a run/);
  });

  it("may be used again if its run was killed before there was anything to lose", () => {
    RunFolder.begin(folder).close();
    writeFileSync(at("events.jsonl"), '{"type":"run.start"}\n');
    RunFolder.begin(folder).close();
    writeFileSync(at("events.jsonl"), `${JSON.stringify(skip(0))}\n`);
    expect(() => RunFolder.begin(folder)).toThrow(/already holds a run/);
  });
});
