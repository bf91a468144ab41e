import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { freshState, type Reply, type RunConfig, type TrainEvent } from "../../src/contracts";
import type { LoadedModel, ModelFiles } from "../../src/model/engine";
import { listRuns } from "../../src/storage/library";
import { readResumable } from "../../src/storage/resumable";
import { Recorder } from "../../src/workers/recorder";
import { type Device, memoryDevice } from "../storage/device";
import { scriptedRun } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 2, steps: 2, proposals: 2, rollouts: 2 })];
const run: RunConfig = {
  ...{ method: "azr", model: "kelvin-nano", seed: 2, steps: 2, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
const model = {
  exportWeights: async () => [new Uint8Array([1])],
  exportState: async () => [new Uint8Array([2])],
  adapterTensors: async () => null,
} as unknown as LoadedModel;
const optional = { "chat_template.jinja": "{{ messages }}" };
const files = { config: {}, tokenizer: {}, optional } as unknown as ModelFiles;

let device: Device;
beforeEach(() => {
  device = memoryDevice();
  vi.stubGlobal("navigator", device.navigator);
});
afterEach(() => vi.unstubAllGlobals());

/** A recorder, what it has posted, and a whole run seen by it but for its end. */
async function recorded() {
  const state = { ...freshState(), prepared: true };
  const posted: Reply[] = [];
  const recorder = new Recorder({ run, name: "a run", state, model, files, resumed: null }, (one) => posted.push(one));
  for (const event of events) {
    if (event.type === "step.end") Object.assign(state, { step: event.step + 1, elapsed: event.ms });
    await recorder.see(event);
  }
  const kept = () => posted.flatMap((one) => (one.type === "kept" ? [one] : []));
  return { recorder, kept, notices: () => posted.flatMap((one) => (one.type === "notice" ? [one.message] : [])) };
}

describe("the record of a run", () => {
  it("ends with a checkpoint of its last step", async () => {
    const { recorder, kept, notices } = await recorded();
    expect(await listRuns()).toMatchObject([{ status: "running", steps: 2, checkpoint: null, busy: true }]);
    await recorder.close("done");
    expect(kept().map(({ step, busy }) => [step, busy])).toEqual([
      [null, true],
      [2, true],
      [2, false],
    ]);
    expect(await listRuns()).toMatchObject([{ status: "done", steps: 2, checkpoint: 2, busy: false }]);
    expect(notices()).toEqual([]);
    const written = [...device.files()].filter(([path]) => path.endsWith("chat_template.jinja"));
    expect(written.map(([, bytes]) => new TextDecoder().decode(bytes))).toEqual(["{{ messages }}"]);
  });

  it("can be resumed as soon as the run is prepared, and gives way to the one before it where a bit has changed", async () => {
    const state = { ...freshState(), prepared: true };
    const recorder = new Recorder({ run, name: "a run", state, model, files, resumed: null }, () => {});
    const prepared: TrainEvent = { type: "live.prepared", step: -1, ms: 0 };
    for (const event of [...events.slice(0, 1), prepared]) await recorder.see(event);
    // The tab is closed here: nothing ends the record.
    const [listed] = await listRuns();
    const { saved, notices } = await readResumable(listed?.id ?? "");
    expect([saved.state.step, saved.events, notices]).toEqual([0, 1, []]);
    Object.assign(state, { step: 1, elapsed: 30_000 });
    await recorder.see({ type: "step.skip", reason: "", step: 0, ms: 30_000 });
    const newest = [...device.files()].find(([path]) => path.endsWith("checkpoint-b/engine.bin"));
    expect((await readResumable(listed?.id ?? "")).saved.state.step).toBe(1);
    newest?.[1].fill(9);
    const second = await readResumable(listed?.id ?? "");
    expect([second.saved.state.step, second.earlier.lines]).toEqual([0, 1]);
    expect(second.earlier.about).toMatchObject({ slot: "checkpoint-a", checkpoint: 0 });
    expect(second.notices).toEqual([expect.stringContaining("engine.bin is not what was written")]);
  });

  it("says once where the device is full, and the run goes on", async () => {
    const { recorder, notices } = await recorded();
    await recorder.rest();
    device.full = true;
    for (const event of events.slice(0, 4)) await recorder.see(event);
    await recorder.see({ type: "step.skip", reason: "", step: 2, ms: 9 });
    for (const event of events.slice(0, 4)) await recorder.see(event);
    await recorder.close("done");
    expect(notices()).toHaveLength(1);
    expect(notices()[0]).toContain("The run goes on");
    device.full = false;
    expect(await listRuns()).toMatchObject([{ checkpoint: 2, busy: false }]);
  });

  it("does not promise to go on at its end", async () => {
    const { recorder, notices } = await recorded();
    await recorder.rest();
    device.onWrite = (name) => {
      device.full = name === "about.json";
    };
    await recorder.close("done");
    expect(notices()).toEqual([expect.stringContaining("kept as far as it was written")]);
    device.full = false;
    expect(await listRuns()).toMatchObject([{ status: "kept", checkpoint: 2, busy: false }]);
  });

  it("begins no second record with what comes after its end", async () => {
    const { recorder } = await recorded();
    await recorder.close("done");
    await recorder.see({ type: "run.end", reason: "failed", step: 2, ms: 9 });
    await recorder.close("failed");
    expect(await listRuns()).toMatchObject([{ status: "done" }]);
  });
});
