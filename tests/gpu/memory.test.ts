import { describe, expect, it, vi } from "vitest";
import { KelvinError, type LoraConfig, type MemoryNeed } from "../../src/contracts";
import type { Device } from "../../src/device/device";
import { parseConfig } from "../../src/model/config";
import { Engine, type Plan } from "../../src/model/engine";
import { describeNeed, memoryNeed } from "../../src/model/memory-plan";
import { type ReadableTensor, readable } from "../../src/model/parameter-transfer";
import { parameterLayout } from "../../src/model/parameters";
import { withinReach } from "../../src/model/plan";
import { gateHalves } from "../../src/ops/gate-linear";
import { allBy, useLinearKernels } from "../../src/ops/linear-variants";
import { createRng } from "../../src/rollout/rng";
import { asGpu, openTestEngine, POLICY, randomWeights, TINY, TINY_PLAN, TOKENIZER, trainingSequences } from "./models";

const { engine, name } = await openTestEngine();
// Others take scratch in their first step; what is counted for that has a test of its own.
useLinearKernels(engine.device, allBy("plain"));
const LORA: LoraConfig = { rank: 4, alpha: 8, targets: ["q", "down"] };
const rng = createRng(1);
const config = parseConfig(TINY);

if (engine.device.traits.simd) console.log("skipped: the CPU has no kernels that cut weight gradients");

/** From now on the device has no room, once. */
function refuseOnce(device: Device) {
  if (device.traits.simd) {
    const refusal = new KelvinError("out-of-memory", "not enough");
    return vi.spyOn(device, "storage").mockImplementationOnce(() => {
      throw refusal;
    });
  }
  const answers = vi.spyOn(asGpu(device).device, "popErrorScope");
  return answers.mockResolvedValue(null).mockResolvedValueOnce({ message: "not enough" } as GPUError);
}

const cases: readonly { readonly what: string; readonly plan: Partial<Plan>; readonly lora?: LoraConfig }[] = [
  { what: "the whole model", plan: {} },
  { what: "the whole model, activations computed again", plan: { activations: "recomputed" } },
  { what: "adapters", plan: {}, lora: LORA },
  { what: "the whole model, held to a reference", plan: { reference: true } },
  { what: "adapters, held to the base", plan: { reference: true }, lora: LORA },
  { what: "the whole model, under Muon", plan: { optimizer: "muon" } },
  { what: "inference only", plan: { activations: "inference" } },
  { what: "adapters, read only", plan: { activations: "inference" }, lora: LORA },
  { what: "adapters over halves", plan: {}, lora: { ...LORA, base: "float16" } },
  {
    what: "adapters over halves in many small buffers",
    plan: { pageBytes: 4000, chunkRows: 64 },
    lora: { ...LORA, base: "float16" },
  },
  { what: "many small buffers", plan: { pageBytes: 10_000, chunkRows: 64, slots: 3, trainingRows: 35 } },
];

const create = (on: Engine, plan: Partial<Plan>, lora?: LoraConfig) =>
  on.createModel(TINY, randomWeights(TINY), TOKENIZER, { ...TINY_PLAN, ...plan }, lora && { lora, rng });

async function needOf(plan: Partial<Plan>): Promise<MemoryNeed> {
  const model = await create(engine, plan);
  model.destroy();
  return model.memory;
}

describe(`a model's memory on ${name}`, () => {
  it.each(cases)("is what was planned, to the byte: $what", async ({ plan, lora }) => {
    // What a numerics gate leaves behind once, parameters of its kernels, is the device's and no model's.
    if (lora?.base === "float16") await gateHalves(engine.device, engine.kernels.linear);
    const { bytes } = engine.device.counters;
    const model = await create(engine, plan, lora);
    expect(engine.device.counters.bytes - bytes).toBe(model.memory.total);
    const { total, ...parts } = model.memory;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
    expect(parts.gradients > 0).toBe(plan.activations !== "inference");
    expect(parts.reference).toBe(plan.reference && !lora ? parts.weights : 0);
    model.destroy();
    expect(engine.device.counters.bytes).toBe(bytes);
  });

  it.each([null, LORA])(
    "is all that a run with a reference takes before its first pass, adapters: %j",
    async (lora) => {
      const { bytes } = engine.device.counters;
      const model = await create(engine, { reference: true }, lora ?? undefined);
      const loaded = engine.device.counters.bytes;
      await model.freezeReference();
      expect(engine.device.counters.bytes).toBe(loaded);
      model.destroy();
      expect(engine.device.counters.bytes).toBe(bytes);
    },
  );

  it.skipIf(engine.device.traits.simd)(
    "has scratch counted for weight gradients that kernels for GPUs cut",
    async () => {
      const plan = { trainingRows: 1024 };
      const whole = await needOf(plan);
      useLinearKernels(engine.device, allBy("tiled64"));
      const model = await create(engine, plan);
      useLinearKernels(engine.device, allBy("plain"));
      const planned = model.memory.scratch - whole.scratch;
      expect(model.memory.total - whole.total).toBe(planned);
      const storage = vi.spyOn(engine.device, "storage");
      await model.update(Array.from({ length: 13 }, () => trainingSequences()).flat(), POLICY, 0.001);
      const taken = storage.mock.calls.flatMap(([label, floats]) => (label === "scratch" ? [4 * floats] : []));
      storage.mockRestore();
      // 72 tokens a copy, 936 in one pass: 7 slices, where 1,024 would have had 8.
      expect(Math.max(...taken)).toBe((7 / 8) * planned);
      model.destroy();
    },
  );

  it("has room made for a reference that was not planned, once, and given back", async () => {
    const { bytes } = engine.device.counters;
    const model = await create(engine, {});
    const loaded = engine.device.counters.bytes;
    await model.reserveReference();
    await model.reserveReference();
    expect(engine.device.counters.bytes - loaded).toBe(model.memory.weights);
    await model.freezeReference();
    expect(engine.device.counters.bytes - loaded).toBe(model.memory.weights);
    model.destroy();
    expect(engine.device.counters.bytes).toBe(bytes);
  });

  const openTo = (availableBytes: number) => new Engine(engine.device, engine.info, () => availableBytes);

  it("is kept small where it must be: activations are computed again, then less is written at a time", async () => {
    const plan = { slots: 64, promptRows: 4096 };
    const leaner = [
      { activations: "recomputed" },
      { activations: "recomputed", slots: 32, promptRows: 2048 },
      { activations: "recomputed", slots: 16, promptRows: 1024 },
    ] as const;
    let { total } = await needOf(plan);
    for (const wanted of leaner) {
      const model = await create(openTo(total - 1), plan);
      expect(model.memory).toEqual(await needOf({ ...plan, ...wanted }));
      expect(model.memory.total).toBeLessThan(total);
      total = model.memory.total;
      model.destroy();
    }
    await expect(create(openTo(total - 1), plan)).rejects.toMatchObject({ reason: "out-of-memory" });
  });

  it("is refused in one line with what to do, and nothing is taken", async () => {
    const { buffers, bytes } = engine.device.counters;
    const failure = await create(openTo(100_000), {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    const { reason, message, hint } = failure as KelvinError;
    expect(reason).toBe("out-of-memory");
    expect(message).toMatch(/^model needs at least [\d.]+ [kM]B on the device: .*weights .* [kM]?B; 100 kB are free$/);
    expect(hint).not.toBe("");
    expect(engine.device.counters).toMatchObject({ buffers, bytes });
  });

  it("binds no more keys and values at once than the adapter does, whatever is asked for", async () => {
    const { mostBytes } = engine.device;
    const rows = Math.floor(mostBytes / 4 / (2 * 2 * 12));
    const wide = { slots: 2 ** 30, promptRows: 2 ** 30, capacity: Math.ceil(rows / 2) };
    const { cache } = memoryNeed(config, withinReach(config, { ...TINY_PLAN, ...wide }, mostBytes), null, mostBytes);
    expect(cache).toBeLessThanOrEqual(2 * TINY.num_hidden_layers * mostBytes);
  });

  it("is refused if there is no memory for a reference", async () => {
    const plan = { activations: "recomputed", reference: true } as const;
    const { total } = await needOf({ ...plan, reference: false });
    await expect(create(openTo(total), plan)).rejects.toMatchObject({
      reason: "out-of-memory",
      message: expect.stringMatching(/reference [\d.]+ kB/),
      hint: expect.stringContaining("--lora"),
    });
  });

  it("is refused where one buffer is larger than the adapter binds, whatever is free", async () => {
    const { buffers } = engine.device.counters;
    const capacity = 1 + Math.floor(engine.device.mostBytes / 4 / (2 * 2 * 12));
    const failure = await create(engine, { capacity }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "out-of-memory", message: expect.stringContaining("own cache.0 needs") });
    expect(engine.device.counters.buffers).toBe(buffers);
  });
});

describe(`a model that is not made in the end on ${name}`, () => {
  it("gives back what it took where the device ran out of memory, and the next model is made", async () => {
    const { bytes } = engine.device.counters;
    const scope = refuseOnce(engine.device);
    const failure = await create(engine, { activations: "recomputed" }).catch((error: unknown) => error);
    scope.mockRestore();
    expect(failure).toMatchObject({ reason: "out-of-memory", message: expect.stringContaining("not enough") });
    expect(engine.device.counters.bytes).toBe(bytes);
    const next = await create(engine, {});
    expect(next.memory.total).toBe(engine.device.counters.bytes - bytes);
    next.destroy();
  });

  it("is made with activations computed again where the device has no room to keep them", async () => {
    const scope = refuseOnce(engine.device);
    const { bytes } = engine.device.counters;
    const model = await create(engine, {});
    scope.mockRestore();
    expect(model.memory).toEqual(await needOf({ activations: "recomputed" }));
    expect(engine.device.counters.bytes - bytes).toBe(model.memory.total);
    model.destroy();
  });

  it("gives back what it took where its weights cannot be read to the end", async () => {
    const { bytes } = engine.device.counters;
    const tensors = new Map<string, ReadableTensor>();
    const shapes = new Map(parameterLayout(parseConfig(TINY)).parameters.map((p) => [p.name, p.shape]));
    for (const [tensor, data] of randomWeights(TINY))
      tensors.set(tensor, readable({ shape: shapes.get(tensor) ?? [], data: Float32Array.from(data) }));
    const broken = "model.layers.1.mlp.down_proj.weight";
    const read = () => Promise.reject(new KelvinError("storage", "the file ends early"));
    tensors.set(broken, { shape: shapes.get(broken) ?? [], read });
    await expect(engine.createModel(TINY, tensors, null, TINY_PLAN)).rejects.toThrow("the file ends early");
    expect(engine.device.counters.bytes).toBe(bytes);
  });
});

describe("a line about memory", () => {
  it("names the largest parts first, in powers of ten, and leaves out what takes nothing", () => {
    const need = {
      weights: 2e9,
      gradients: 0,
      optimizer: 0,
      reference: 0,
      activations: 65e6,
      cache: 1234,
      scratch: 9,
      replicas: 0,
      total: 2065001243,
    };
    const line = "2.1 GB on the device: weights 2.0 GB, activations 65 MB, cache 1.2 kB, scratch 9 B";
    expect(describeNeed(need)).toBe(line);
  });
});
