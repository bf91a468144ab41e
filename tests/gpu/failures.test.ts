import { afterAll, describe, expect, it } from "vitest";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { KelvinError } from "../../src/contracts";
import { openNodeGpu } from "../../src/gpu/node-adapter";
import { type Engine, openEngine } from "../../src/model/engine";
import { asGpu, createTiny, finish, POLICY, trainingSequences } from "./models";

const { name } = await openNodeGpu();
const engines: Engine[] = [];
const open = async (): Promise<Engine> => {
  // A device that is lost takes its adapter with it.
  const engine = await openEngine(await openNodeAdapter());
  engines.push(engine);
  return engine;
};
afterAll(() => {
  for (const { device } of engines) device.close();
});

const request = { tokens: Int32Array.of(1, 2, 3), samples: 20, maxNewTokens: 20, seed: 4 };
const sampling = { temperature: 1 };
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) => error,
  );

describe(`a lost device on ${name}`, () => {
  it("ends a generation with an error the caller can act on, and a fresh engine writes what the lost one would have", async () => {
    const lost = await open();
    const model = await createTiny(lost);
    const expected = await finish(model.generate([request], sampling));
    const generation = model.generate([request], sampling);
    await generation.next();
    const next = generation.next();
    lost.device.close();
    const failure = await caught(next.then(() => finish(generation)));
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({ reason: "device-lost", hint: expect.stringContaining("--resume") });
    for (const late of [
      () => model.update(trainingSequences(), POLICY, 0.01),
      () => model.score(trainingSequences()),
      () => createTiny(lost),
    ])
      expect(await caught(late())).toMatchObject({ name: "KelvinError", reason: "device-lost" });

    const fresh = await createTiny(await open());
    expect(await finish(fresh.generate([request], sampling))).toEqual(expected);
  });

  it("ends an update that is under way", async () => {
    const lost = await open();
    const model = await createTiny(lost);
    const update = model.update(trainingSequences(), POLICY, 0.01);
    lost.device.close();
    expect(await caught(update)).toMatchObject({ name: "KelvinError", reason: "device-lost" });
  });
});

describe(`a device that is full on ${name}`, () => {
  it("refuses a model that it cannot hold, takes its buffers back, and goes on with the one it has", async () => {
    const engine = await open();
    const gpu = asGpu(engine.device);
    const model = await createTiny(engine);
    const expected = await finish(model.generate([request], sampling));
    const { bytes } = gpu.counters;

    const tooWide = caught(createTiny(engine, { capacity: 2 ** 30 }));
    expect(await tooWide).toMatchObject({ name: "KelvinError", reason: "out-of-memory" });
    expect(gpu.counters.bytes).toBe(bytes);

    fill(gpu.device, "own cache.1");
    const noRoom = await caught(createTiny(engine, { activations: "recomputed" }));
    expect(noRoom).toMatchObject({
      name: "KelvinError",
      reason: "out-of-memory",
      hint: expect.stringMatching(/smaller/),
    });
    expect(gpu.counters.bytes).toBe(bytes);
    gpu.check();
    expect(await finish(model.generate([request], sampling))).toEqual(expected);
    const second = await createTiny(engine);
    expect(await finish(second.generate([request], sampling))).toEqual(expected);
  });

  it("says so where memory runs out outside of any plan", async () => {
    const gpu = asGpu((await open()).device);
    const error = new GPUOutOfMemoryError("a late one");
    gpu.device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
    expect(() => gpu.check()).toThrow(KelvinError);
    await expect(gpu.ready()).rejects.toMatchObject({ reason: "out-of-memory", message: "a late one" });
  });
});

/**
 * From now on the device is full, once: it has no room for the buffer with this label. Rasterisers hold whatever the
 * machine's memory does, so the device's answer is ours; that the buffer is invalid, and writes to it errors, is its own.
 */
function fill(device: GPUDevice, label: string): void {
  const create = device.createBuffer.bind(device);
  const pop = device.popErrorScope.bind(device);
  let isFull = false;
  device.createBuffer = (descriptor) => {
    if (descriptor.label !== label || isFull) return create(descriptor);
    isFull = true;
    return create({ ...descriptor, usage: descriptor.usage | GPUBufferUsage.MAP_READ });
  };
  device.popErrorScope = () => {
    device.popErrorScope = pop;
    return pop().then(() => new GPUOutOfMemoryError("the heap is full"));
  };
}
