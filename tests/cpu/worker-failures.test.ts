import { afterEach, describe, expect, it, vi } from "vitest";
import { type CpuAdapterOptions, cpuAdapter } from "../../src/cpu/adapter";
import { parseConfig } from "../../src/model/config";
import { type Engine, openEngine } from "../../src/model/engine";
import { parameterLayout } from "../../src/model/parameters";
import { createTiny, digest, fileOf, finish, generationRequests, POLICY, TINY, trainingSequences } from "../gpu/models";
import { type NearHelper, nearThreads, openWorkers } from "./threads";

const opened: Engine[] = [];
const open = async (workers: number, free?: () => number): Promise<{ engine: Engine; helpers: NearHelper[] }> => {
  const made = await openWorkers(workers, free);
  opened.push(made.engine);
  return made;
};
const openWith = async (options: CpuAdapterOptions): Promise<Engine> => {
  const engine = await openEngine(cpuAdapter("plain", options));
  opened.push(engine);
  return engine;
};
afterEach(() => {
  vi.restoreAllMocks();
  for (const engine of opened.splice(0)) engine.device.close();
});

const bytesOf = ({ engine, helpers }: { engine: Engine; helpers: NearHelper[] }): number =>
  [engine.device, ...helpers.map(({ device }) => device)].reduce((sum, one) => sum + (one?.counters.bytes ?? 0), 0);
const many = () => [1, 2, 3, 4].flatMap((seed) => trainingSequences(seed));

describe("a worker that dies", () => {
  it("ends the update in one line; a new engine goes on from the checkpoint with the bits of an undisturbed run", async () => {
    const learn = async (engine: Engine, disturb: () => void) => {
      const model = await createTiny(engine, { workers: 2 });
      model.resetOptimizer();
      await model.update(many(), POLICY, 1e-2);
      const saved = await model.exportState();
      const next = model.update(many(), POLICY, 1e-2);
      disturb();
      await next;
      return { saved, state: digest(await model.exportState()) };
    };
    const undisturbed = await learn((await open(2)).engine, () => {});
    const { engine, helpers } = await open(2);
    const failure = learn(engine, () => helpers[0]?.die());
    await expect(failure).rejects.toMatchObject({
      reason: "device-lost",
      message: "A worker of the CPU engine has ended: it died",
    });
    await engine.device.lost;
    expect(() => engine.device.check()).toThrow("has ended");
    const again = await createTiny((await open(3)).engine, { workers: 3 });
    again.resetOptimizer();
    await again.importState(fileOf(undisturbed.saved));
    await again.update(many(), POLICY, 1e-2);
    expect(digest(await again.exportState())).toBe(undisturbed.state);
  });

  it("ends sampling, also where its own samples are all that is missing", async () => {
    const { engine, helpers } = await open(2);
    const model = await createTiny(engine, { workers: 2 });
    const requests = Array.from({ length: 20 }, (_, seed) => ({ ...generationRequests()[4]!, seed, samples: 4 }));
    const writing = finish(model.generate(requests, { temperature: 1 }), () => helpers[0]?.die());
    await expect(writing).rejects.toMatchObject({ reason: "device-lost" });
  });

  it("is told from an engine that was closed", async () => {
    const { engine } = await open(3);
    let lost = false;
    void engine.device.lost.then(() => {
      lost = true;
    });
    engine.device.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lost).toBe(false);
    expect(() => engine.device.check()).toThrow("closed");
  });
});

describe("a worker that cannot begin", () => {
  it("is left out: the engine has those that can, and one thread if none can", async () => {
    const threads = nearThreads(3);
    let made = 0;
    const spawn = () => {
      made++;
      if (made === 1) throw new Error("no more threads");
      const channel = threads.spawn();
      if (made === 2) threads.helpers.at(-1)?.die();
      return channel;
    };
    const engine = await openWith({ threads: { count: 3, spawn } });
    expect(engine.kernels).toMatchObject({ simd: "plain", shards: 4, workers: 2 });
    const none = (): never => {
      throw new Error("no more threads");
    };
    const alone = await openWith({ threads: { count: 3, spawn: none } });
    expect(alone.kernels).toMatchObject({ workers: 1 });
    const model = await createTiny(alone, { workers: 4 });
    expect(model.memory.replicas).toBe(0);
  });
});

describe("the memory of workers", () => {
  it.each([
    {},
    { activations: "recomputed" as const },
    { reference: true },
    { optimizer: "muon" as const },
    { activations: "inference" as const },
  ])("is what was planned, to the byte, and given back: %j", async (plan) => {
    const workers = await open(3);
    const before = bytesOf(workers);
    const model = await createTiny(workers.engine, { ...plan, workers: 3 });
    expect(bytesOf(workers) - before).toBe(model.memory.total);
    expect(model.memory.replicas).toBeGreaterThan(model.memory.weights);
    await finish(model.generate(generationRequests(), { temperature: 1 }));
    expect(bytesOf(workers) - before).toBe(model.memory.total);
    model.destroy();
    await vi.waitFor(() => expect(bytesOf(workers)).toBe(before));
  });

  it("holds fewer workers where the system has no room for all", async () => {
    const { memory } = await createTiny((await open(4)).engine, { workers: 4 });
    const least = memory.total - memory.replicas;
    const alone = await open(4, () => least);
    const model = await createTiny(alone.engine, { workers: 4 });
    expect(model.memory.replicas).toBeLessThan(memory.replicas);
    expect(model.memory.total).toBeLessThanOrEqual(least);
    const refused = await open(4, () => 100_000);
    await expect(createTiny(refused.engine, { workers: 4 })).rejects.toMatchObject({ reason: "out-of-memory" });
    expect(bytesOf(refused)).toBe(0);
  });

  it("that cannot grow beside the main one is no obstacle: leaner plans, then one worker; nothing stays behind", async () => {
    const workers = await open(2);
    const { space } = workers.engine.device as unknown as { space: { memory: WebAssembly.Memory } };
    const grow = WebAssembly.Memory.prototype.grow;
    vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(function (this: WebAssembly.Memory, pages) {
      if (this === space.memory) return grow.call(this, pages);
      throw new RangeError("cannot grow");
    });
    const model = await createTiny(workers.engine, { workers: 2, slots: 16, promptRows: 4096, capacity: 256 });
    expect(model.memory.replicas).toBe(0);
    expect(workers.helpers[0]?.device?.counters.bytes).toBe(0);
    expect(bytesOf(workers)).toBe(model.memory.total);
    await model.update(many(), POLICY, 1e-2);
  });

  it("ends at 4 GiB each: a larger model is refused in one line, before anything is taken", async () => {
    const workers = await open(2);
    const large = { ...TINY, hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: 32 };
    const tensors = parameterLayout(parseConfig(large)).parameters.map(({ name, shape }) => {
      const read = () => Promise.reject(new Error("nothing is to be read"));
      return [name, { shape, read }] as const;
    });
    await expect(workers.engine.createModel(large, new Map(tensors))).rejects.toMatchObject({
      reason: "out-of-memory",
      message: expect.stringMatching(/^model needs at least [\d.]+ GB .*; the CPU engine can have 4.3 GB$/),
      hint: expect.stringMatching(/LoRA.*GPU/),
    });
    expect(bytesOf(workers)).toBe(0);
  });
});
