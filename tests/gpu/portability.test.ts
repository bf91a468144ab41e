import { afterAll, describe, expect, it } from "vitest";
import { readCases } from "../../src/cli/golden-case";
import { checkCase } from "../../src/cli/golden-check";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { LORA_TARGETS, type Precision } from "../../src/contracts";
import { type DeviceOptions, OPTIONAL_FEATURES } from "../../src/device/adapter";
import { openDevice } from "../../src/gpu/device";
import { openNodeGpu } from "../../src/gpu/node-adapter";
import { openEngine } from "../../src/model/engine";
import { createRng } from "../../src/rollout/rng";
import {
  createTiny,
  digest,
  finish,
  generationRequests,
  NOTHING_OPTIONAL,
  POLICY,
  randomWeights,
  roundedWeights,
  TINY,
  TINY_PLAN,
  trainingSequences,
} from "./models";

const { adapter, name } = await openNodeGpu();
/** An adapter gives one device only. */
const anotherAdapter = async (): Promise<GPUAdapter> => (await openNodeGpu()).adapter;
const smallBinding = NOTHING_OPTIONAL.storageBindingBytes;

/** One thing less each, and all of them at once: the least that WebGPU guarantees. */
const masks: readonly { readonly mask: string; readonly options: DeviceOptions }[] = [
  ...OPTIONAL_FEATURES.map((feature) => ({ mask: `without ${feature}`, options: { without: [feature] } })),
  { mask: "with bindings of 128 MiB", options: { storageBindingBytes: smallBinding } },
  { mask: "with nothing optional", options: NOTHING_OPTIONAL },
];

/** What no device of ours ever asks to have raised. */
const guaranteed = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxUniformBufferBindingSize: 65536,
} as const;

describe.each(masks)(`${name} $mask`, ({ mask, options }) => {
  it("has what the mask leaves, and WebGPU's least limits", async () => {
    const { gpu } = await openDevice(await anotherAdapter(), options);
    for (const feature of options.without ?? []) {
      if (!adapter.features.has(feature)) console.log(`${mask}: ${name} has no ${feature} to mask`);
      expect(gpu.device.features.has(feature)).toBe(false);
    }
    if (options.storageBindingBytes) expect(gpu.device.limits.maxStorageBufferBindingSize).toBe(smallBinding);
    expect(gpu.device.limits).toMatchObject(guaranteed);
    gpu.device.destroy();
  });

  it("computes logits, losses, gradients, greedy text and AdamW steps as PyTorch does", async () => {
    const engine = await openEngine(await openNodeAdapter(), options);
    for (const golden of readCases("tests/golden")) {
      const comparisons = await checkCase(engine, golden);
      expect(comparisons.length).toBeGreaterThan(10);
      expect(comparisons.filter((c) => !(c.error <= c.tolerance))).toEqual([]);
    }
    engine.device.check();
    engine.device.close();
  });

  it("writes the same tokens in whatever slots, and trains without making anything new", async () => {
    const engine = await openEngine(await openNodeAdapter(), options);
    const [wide, narrow] = [await createTiny(engine), await createTiny(engine, { slots: 3, chunk: 3, promptRows: 40 })];
    const sampling = { temperature: 0.9, topK: 20, topP: 0.95, minP: 0.01, stopTokens: [3] };
    const write = (model: typeof wide) => finish(model.generate(generationRequests(), sampling));
    const step = async () => {
      const completions = await write(wide);
      await wide.update(trainingSequences(), POLICY, 1e-3);
      return completions;
    };
    expect(await step()).toEqual(await write(narrow));
    await step();
    const { buffers, pipelines } = engine.device.counters;
    await step();
    expect(engine.device.counters).toMatchObject({ buffers, pipelines });
    engine.device.check();
    engine.device.close();
  });

  it("reads frozen weights of halves exactly", async () => {
    const engine = await openEngine(await openNodeAdapter(), options);
    const tokens = [Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6)];
    const said = async (weights: ReadonlyMap<string, Float32Array>, base: Precision) => {
      const lora = { rank: 2, alpha: 4, targets: LORA_TARGETS, base };
      const model = await engine.createModel(TINY, weights, null, TINY_PLAN, { lora, rng: createRng(1) });
      return model.logits(tokens);
    };
    const ours = await said(randomWeights(TINY), "float16");
    expect(ours).toEqual(await said(roundedWeights(TINY), "float32"));
    expect(ours).not.toEqual(await said(randomWeights(TINY), "float32"));
    engine.device.close();
  });
});

describe(`a kernel on ${name}`, async () => {
  const { gpu } = await openDevice(adapter);
  afterAll(() => gpu.device.destroy());
  const spec = (body: string, bindings: Readonly<Record<number, "write">> = { 1: "write" }) => ({
    name: `probe ${digest(new TextEncoder().encode(body)).slice(0, 8)}`,
    code: `struct Params { count: u32 }
      @group(0) @binding(0) var<uniform> p: Params;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;
      ${body}`,
    entry: "probe",
    uniforms: { count: "u32" as const },
    bindings,
  });

  it("of 8 storage buffers, 256 invocations and 16 KiB of workgroup memory compiles", async () => {
    const body = `var<workgroup> tile: array<f32, 4096>;
      @compute @workgroup_size(16, 16) fn probe(@builtin(local_invocation_index) lane: u32) {
        tile[lane] = f32(p.count); workgroupBarrier(); y[lane] = tile[255u - lane]; }`;
    gpu.kernel(spec(body, Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i + 1, "write" as const]))));
    await gpu.ready();
  });

  it("of 9 storage buffers is refused", () => {
    const nine = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [i + 1, "write" as const]));
    expect(() => gpu.kernel(spec("@compute @workgroup_size(1) fn probe() { y[0] = 1.0; }", nine))).toThrow(
      /binds 9 storage buffers/,
    );
  });

  it.each([
    ["512 invocations", "@compute @workgroup_size(512) fn probe() { y[p.count] = 1.0; }"],
    [
      "20 KiB of workgroup memory",
      `var<workgroup> tile: array<f32, 5120>;
      @compute @workgroup_size(64) fn probe(@builtin(local_invocation_index) lane: u32) {
        tile[lane * 80u] = 1.0; workgroupBarrier(); y[lane] = tile[p.count]; }`,
    ],
  ])("of %s is refused", async (_, body) => {
    gpu.kernel(spec(body));
    await expect(gpu.ready()).rejects.toThrow();
  });
});
