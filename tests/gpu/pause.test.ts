import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModelFolder } from "../../src/cli/model-folder";
import type { Verifier } from "../../src/contracts";
import { configure, findMethod } from "../../src/methods";
import { PaceControl } from "../../src/telemetry/pace";
import { train } from "../../src/train";
import { createNodeVerifier } from "../../src/verify/node";
import { asGpu, openTestEngine } from "./models";

const folder = resolve("public/models/kelvin-nano");
const present = existsSync(join(folder, "model.safetensors"));
if (!present) console.log(`skipped: pausing is measured on the shipped model, and ${folder} has no model.safetensors`);

const { engine, name } = await openTestEngine();
let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier();
});
afterAll(() => verifier?.dispose());

/** Submits that the device has not finished. */
function watchSubmits(): () => Promise<unknown> {
  // On the CPU nothing is under way when a call has returned.
  if (engine.device.traits.simd) return async () => {};
  const { queue } = asGpu(engine.device).device;
  const submit = queue.submit.bind(queue);
  const running = new Set<Promise<unknown>>();
  queue.submit = (buffers) => {
    submit(buffers);
    const done: Promise<unknown> = queue.onSubmittedWorkDone().then(() => running.delete(done));
    running.add(done);
  };
  return () => Promise.all(running);
}

describe.runIf(present)("Pause", () => {
  it("acts within 200 ms of the submits that are under way, in every phase", async () => {
    const settled = watchSubmits();
    const model = await engine.loadModel(await readModelFolder(folder));
    const method = findMethod("azr");
    const overrides = { ...method.presets["small"], proposals: 16, solverTasks: 16 };
    const run = {
      method: "azr",
      model: "kelvin-nano",
      seed: 1,
      steps: 1,
      overrides,
      evaluateTasks: 0,
      evaluateEvery: 0,
    };
    const late: number[] = [];
    let rested: () => void = () => {};
    const pace = new PaceControl(
      () => rested(),
      () => {},
    );
    engine.device.gate = () => pace.within(0);
    let over = false;
    const presses = (async () => {
      while (!over) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        const resting = new Promise<number>((resolve) => {
          rested = () => resolve(performance.now());
        });
        const busy = settled().then(() => performance.now());
        pace.set("pause");
        const at = await Promise.race([resting, new Promise<null>((resolve) => setTimeout(() => resolve(null), 5000))]);
        if (at !== null) late.push(at - (await busy));
        pace.set("run");
      }
    })();
    const world = {
      policy: model,
      learner: model,
      verifier,
      suites: [],
      heldOut: new Set<string>(),
      seedTasks: [],
      model: model.info,
      device: name,
      kernels: engine.kernels,
      now: () => performance.now(),
    };
    for await (const event of train(method, configure(method, overrides), run, world)) await pace.after(event);
    over = true;
    pace.set("run");
    await presses;
    engine.device.gate = async () => {};
    model.destroy();
    const worst = Math.max(...late);
    console.log(`${late.length} pauses on ${name}: the latest ${Math.round(worst)} ms after the submits under way`);
    expect(late.length).toBeGreaterThan(5);
    expect(worst).toBeLessThan(200);
  });
});
