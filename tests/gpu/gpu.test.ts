import { describe, expect, it, vi } from "vitest";
import { KelvinError } from "../../src/contracts";
import { foldedGroupsFor, groupsFor, view } from "../../src/device/device";
import { openDevice } from "../../src/gpu/device";
import { Gpu } from "../../src/gpu/gpu";
import { openNodeGpu } from "../../src/gpu/node-adapter";
import { attentionBy, attentionVariantsOf } from "../../src/ops/attention-variants";
import { gateAttention } from "../../src/ops/gate-attention";
import { gateHalves, gateLinear } from "../../src/ops/gate-linear";
import { allBy, usualLinearKernels, variantsOf } from "../../src/ops/linear-variants";
import { muonOps } from "../../src/ops/muon";
import { rowsOps } from "../../src/ops/rows";
import { asGpu } from "./models";
import { openTestDevice } from "./tensors";

const { gpu: device, name, tensor, result, indices, read } = await openTestDevice();
const gpu = asGpu(device);
const muon = muonOps(gpu);
const rows = rowsOps(gpu);
await gpu.ready();

describe(`command stream on ${name}`, () => {
  it("runs dispatches in order, each with its own parameters, over many turns of the uniform ring", async () => {
    const sum = tensor([0, 0, 0, 0], 4);
    const ones = tensor([1, 2, 3, 4], 4);
    const { dispatches, submits } = gpu.counters;
    const count = 5000;
    // Whole numbers below 2^24: exact in any order, wrong if any of them is lost, repeated or mixed up.
    for (let k = 1; k <= count / 2; k++) muon.addScaled(1, k, ones, sum);
    const half = tensor([0, 0, 0, 0], 4);
    gpu.copy({ ...sum, size: 16 }, half);
    for (let k = 1; k <= count / 2; k++) muon.addScaled(1, -k, ones, sum);
    const total = ((count / 2) * (count / 2 + 1)) / 2;
    expect([...(await read(half))]).toEqual([total, 2 * total, 3 * total, 4 * total]);
    expect([...(await read(sum))]).toEqual([0, 0, 0, 0]);
    expect(gpu.counters.dispatches - dispatches).toBe(count);
    expect(gpu.counters.submits - submits).toBeGreaterThan(2);
  });

  it("orders writes, clears and copies with dispatches", async () => {
    const [x, y] = [tensor([1, 1, 1, 1], 4), tensor([0, 0, 0, 0], 4)];
    muon.addScaled(1, 1, x, y);
    gpu.write(x.buffer, Float32Array.of(10, 10, 10, 10));
    muon.addScaled(1, 1, x, y);
    gpu.clear({ ...x, size: 8 });
    muon.addScaled(1, 1, x, y);
    expect([...(await read(y))]).toEqual([11, 11, 21, 21]);
  });

  it("reads parts, and several tensors at once", async () => {
    const [x, y] = [tensor([1, 2, 3, 4], 4), tensor([5, 6, 7, 8], 4)];
    const part = view(x.buffer, 8, 8);
    const parts = await Promise.all([gpu.readFloats(part), gpu.readFloats(view(y.buffer, 8, 8))]);
    expect(parts.map((one) => [...one])).toEqual([
      [3, 4],
      [7, 8],
    ]);
  });

  it("forgets a destroyed buffer and refuses one it did not make", async () => {
    const x = tensor([1, 2, 3, 4], 4);
    const y = result(1, 4);
    rows.gather(1, 4, indices([0]), x, y);
    await read(y);
    const { bytes } = gpu.counters;
    gpu.destroyBuffer(y.buffer);
    expect(gpu.counters.bytes).toBe(bytes - y.buffer.size);
    const foreign = gpu.device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    expect(() => rows.gather(1, 4, indices([0]), x, view(foreign))).toThrow(/not created by this Gpu/);
  });

  it("lets a buffer go while recorded commands still name it", async () => {
    const [x, y] = [tensor([1, 2, 3, 4], 4), tensor([0, 0, 0, 0], 4)];
    muon.addScaled(1, 2, x, y);
    gpu.destroyBuffer(x.buffer);
    expect([...(await read(y))]).toEqual([2, 4, 6, 8]);
  });

  it("refuses more memory than the adapter binds, in words", () => {
    const floats = gpu.device.limits.maxStorageBufferBindingSize / 4 + 4;
    expect(() => gpu.storage("the logits", floats)).toThrow(KelvinError);
    expect(() => gpu.storage("the logits", floats)).toThrow(/the logits needs \d+ bytes/);
  });

  it("reports what the device complains of at the next await", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: broken } = await openDevice(adapter);
    const buffer = broken.storage("gone", 4);
    const target = broken.storage("target", 4);
    buffer.destroy();
    broken.copy(view(buffer), view(target));
    const failure = await broken.read(view(target)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({ reason: "internal", message: expect.stringContaining("gone") });
    broken.device.destroy();
  });
});

describe("workgroups", () => {
  const most = 65535 * 64;

  it("cover their items in one dimension, and refuse more than it holds", () => {
    expect(groupsFor(1)).toEqual([1]);
    expect(groupsFor(65)).toEqual([2]);
    expect(groupsFor(most)).toEqual([65535]);
    expect(() => groupsFor(most + 1)).toThrow(/4194241/);
  });

  it("fold into a second dimension where the kernel knows of it", () => {
    for (const items of [1, most, most + 1, 3 * most + 7]) {
      const [x, y] = foldedGroupsFor(items);
      expect(x * y * 64).toBeGreaterThanOrEqual(items);
      expect(Math.max(x, y)).toBeLessThanOrEqual(65535);
    }
  });
});

describe(`numerics gate on ${name}`, () => {
  it("takes the fast products where it knows the subgroups, and leaves little memory behind", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter);
    const { bytes } = fresh.counters;
    const [fastest] = variantsOf(fresh);
    expect(await gateLinear(fresh)).toMatchObject({ ...usualLinearKernels(fresh), few: expect.any(String) });
    if (fresh.traits.subgroupLanes > 0) expect(fastest).toBe(`subgroup${fresh.traits.subgroupLanes}`);
    expect(fresh.counters.bytes - bytes).toBeLessThan(256 * 1024);
    fresh.device.destroy();
  });

  it("takes the plain ones where a rasteriser was opened without subgroups", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter, { without: ["subgroups"] });
    expect(fresh.traits.subgroupLanes).toBe(0);
    const usual = fresh.traits.software ? "plain" : "tiled64";
    expect(await gateLinear(fresh)).toMatchObject({ forward: usual, backwardX: usual, backwardW: usual });
    fresh.device.destroy();
  });

  // Eight lanes of a wider subgroup are right as well, only slower.
  const { subgroupLanes: lanes } = gpu.traits;
  const hasFewer = lanes > 0 && lanes < 8;
  if (!hasFewer) console.log(`skipped: subgroups of ${name} have ${lanes} lanes, a claim of 8 would be no lie`);
  it.runIf(hasFewer)("sees through an adapter that claims 8 lanes and has fewer", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter);
    fresh.traits = { ...fresh.traits, subgroupLanes: 8 };
    expect(await gateLinear(fresh, allBy("subgroup8"))).toEqual(allBy("plain"));
    fresh.device.destroy();
  });

  it("takes fast attention where it agrees with the plain one, and refuses it where lanes are fewer than claimed", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter);
    const { subgroupLanes } = fresh.traits;
    const { bytes } = fresh.counters;
    const fastest = subgroupLanes > 0 ? "subgroup" : "plain";
    expect(await gateAttention(fresh)).toEqual(attentionBy(fresh.traits.software ? fastest : "tiled"));
    expect(await gateAttention(fresh, attentionBy("tiled"))).toEqual(attentionBy("tiled"));
    expect(fresh.counters.bytes - bytes).toBeLessThan(256 * 1024);
    fresh.traits = { ...fresh.traits, subgroupLanes: 2 * subgroupLanes };
    expect(await gateAttention(fresh, attentionBy("subgroup"))).toEqual(attentionBy("plain"));
    fresh.device.destroy();
  });

  it("tries attention as it is written out for a model's own heads", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter);
    const heads = { queryHeads: 6, keyHeads: 2, headDim: 10 };
    for (const variant of attentionVariantsOf(fresh))
      expect(await gateAttention(fresh, attentionBy(variant), heads)).toEqual(attentionBy(variant));
    fresh.device.destroy();
  });

  it("refuses kernels of another device", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter, { without: ["subgroups"] });
    const recorded = { ...allBy("plain"), backwardW: "subgroup8" as const };
    expect(await gateLinear(fresh, recorded)).toEqual({ ...recorded, backwardW: "plain" });
    fresh.device.destroy();
  });

  it("takes the same products for halves, and the plain ones where another reads them wrongly", async () => {
    const { adapter } = await openNodeGpu();
    const { gpu: fresh } = await openDevice(adapter);
    const passed = await gateLinear(fresh);
    expect(await gateHalves(fresh, passed)).toEqual(passed);
    const { kernel } = Gpu.prototype;
    /** What a driver would do that takes subnormal halves for zeros. */
    const flushing = (which: RegExp) =>
      vi
        .spyOn(fresh, "kernel")
        .mockImplementation((spec) =>
          kernel.call(fresh, which.test(spec.name) ? { ...spec, code: flushed(spec.code) } : spec),
        );
    const spy = flushing(/tiled64.* of float16/);
    const tiled = { ...allBy("tiled64"), backwardW: "plain" as const };
    expect(await gateHalves(fresh, tiled)).toEqual({ ...allBy("plain"), few: "forward" });
    spy.mockRestore();
    flushing(/ of float16/);
    await expect(gateHalves(fresh, allBy("plain"))).rejects.toThrow("this adapter reads half precision wrongly");
    fresh.device.destroy();
  });
});

/** The code of a kernel in which halves below 2⁻¹⁴ are zero. */
function flushed(code: string): string {
  const [before, body] = code.split("fn operand(i: u32) -> vec4f {");
  return `${before}
fn operand(i: u32) -> vec4f { let v = exact(i); return select(v, vec4f(), abs(v) < vec4f(6.1035e-5)); }
fn exact(i: u32) -> vec4f {${body}`;
}
