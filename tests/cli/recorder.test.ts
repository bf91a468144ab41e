import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Recorder } from "../../src/cli/recorder";
import { readCheckpoint } from "../../src/cli/run-folder";
import { freshState, type RunConfig } from "../../src/contracts";
import { parseLog } from "../../src/telemetry/log";
import { scriptedRun } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 2, steps: 2, proposals: 2, rollouts: 2 })];
const run: RunConfig = {
  ...{ method: "azr", model: "kelvin-nano", seed: 2, steps: 2, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
const model = {
  adapterTensors: async () => null,
  exportWeights: async () => [Uint8Array.of(1)],
  exportState: async () => [Uint8Array.of(2)],
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-recorder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run that has taken both its steps, with a checkpoint after each. */
async function recorded() {
  const source = join(folder, "model");
  const plan = { run, suiteNames: [], model: { folder: source, address: null }, checkpointEvery: 1, resumed: null };
  const [said, state, out] = [[] as string[], { ...freshState(), prepared: true }, join(folder, "run")];
  const recorder = new Recorder({ ...plan, out }, model, state, (line) => said.push(line));
  for (const event of events.slice(0, -1)) {
    if (event.type === "step.end") Object.assign(state, { step: event.step + 1, elapsed: event.ms });
    await recorder.see(event);
  }
  return { recorder, said, out, log: join(out, "events.jsonl") };
}

describe("a checkpoint", () => {
  it("is a model folder: it holds every file of the model but its weights", async () => {
    const beside = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
    const files = [...beside, "generation_config.json", "chat_template.jinja", "heldout-in-distribution.jsonl"];
    mkdirSync(join(folder, "model"));
    for (const name of [...files, "README.md"]) writeFileSync(join(folder, "model", name), name);
    const { out } = await recorded();
    const own = ["model.safetensors", "engine.bin", "run.json", "digests.json"];
    expect(readdirSync(join(out, "checkpoint")).sort()).toEqual([...files, ...own].sort());
    for (const name of files) expect(readFileSync(join(out, "checkpoint", name), "utf8")).toBe(name);
  });
});

describe("a run that breaks", () => {
  it("says so in its log and its summary", async () => {
    const { recorder, said, out, log } = await recorded();
    recorder.fail(new Error("the device was lost"));
    expect(said.at(-1)).toBe("run failed: the device was lost");
    const end = { type: "run.end", reason: "failed", message: "the device was lost" };
    expect(parseLog(readFileSync(log, "utf8")).at(-1)).toMatchObject(end);
    expect(existsSync(join(out, "summary.json"))).toBe(true);
  });

  it.runIf(existsSync("/dev/full"))("of a full disk keeps its last checkpoint and tells the first reason", async () => {
    const { recorder, said, out, log } = await recorded();
    rmSync(log);
    symlinkSync("/dev/full", log);
    const first = await recorder.see(events[0]!).catch((error: unknown) => error);
    expect(first).toMatchObject({ reason: "storage", message: `there is no room left to write ${out}` });
    recorder.fail(first);
    expect(said.slice(-2)).toEqual([
      `run failed: there is no room left to write ${out}`,
      `the end of the run could not be written to ${out}`,
    ]);
    expect((await readCheckpoint(out)).saved.state.step).toBe(2);
  });

  it("before it was prepared leaves nothing", async () => {
    const plan = { run, suiteNames: [], model: { folder, address: null }, checkpointEvery: 1, resumed: null };
    const recorder = new Recorder({ ...plan, out: join(folder, "run") }, model, freshState(), () => {});
    await recorder.see(events[0]!);
    recorder.fail(new Error("no"));
    expect(existsSync(join(folder, "run"))).toBe(false);
  });
});
