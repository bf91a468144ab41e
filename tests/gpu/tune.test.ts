import { describe, expect, it } from "vitest";
import { readCases } from "../../src/cli/golden-case";
import { checkCase } from "../../src/cli/golden-check";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { openDevice } from "../../src/gpu/device";
import { openNodeGpu } from "../../src/gpu/node-adapter";
import { type EngineOptions, openEngine } from "../../src/model/engine";
import { attentionBy, attentionVariantsOf } from "../../src/ops/attention-variants";
import { gateAttention } from "../../src/ops/gate-attention";
import { gateLinear } from "../../src/ops/gate-linear";
import { linearOps } from "../../src/ops/linear";
import {
  allBy,
  LINEAR_VARIANTS,
  type LinearKernels,
  parseLinearKernels,
  variantsOf,
} from "../../src/ops/linear-variants";
import { tunedAttention } from "../../src/ops/tune-attention";
import { tunedLinear, tuneLinear } from "../../src/ops/tune-linear";
import type { TuningStore } from "../../src/ops/tuning";
import { createTiny, digest, POLICY, trainingSequences } from "./models";

/** An adapter gives one device only. */
async function fresh() {
  const { adapter, name } = await openNodeGpu();
  return { ...(await openDevice(adapter)), name };
}

async function engineWith(options: EngineOptions) {
  return openEngine(await openNodeAdapter(), options);
}

/** A store that remembers, and counts what it is asked. */
function memory(kept = new Map<string, unknown>()) {
  const store: TuningStore = {
    read: async (key) => kept.get(key),
    write: async (key, choice) => void kept.set(key, choice),
  };
  return { kept, store };
}

const { gpu, name } = await fresh();
const width = { inputs: 128, outputs: 704 };
const heads = { queryHeads: 4, keyHeads: 2, headDim: 12 };

describe(`tuning on ${name}`, () => {
  it("chooses kernels that pass the gate, in about a second", async () => {
    const { bytes } = gpu.counters;
    const start = performance.now();
    const kernels = await tuneLinear(gpu, width);
    const seconds = (performance.now() - start) / 1000;
    console.log(`${name}: ${JSON.stringify(kernels)} in ${seconds.toFixed(2)} s`);
    expect(await gateLinear(gpu, kernels)).toEqual(kernels);
    // The budget is 1.2 s of beginning variants; the last of them may take as long again, and a slow machine longer.
    expect(seconds).toBeLessThan(6);
    expect(gpu.counters.bytes - bytes).toBeLessThan(2 ** 20);
  });

  it("keeps its choice, and measures again where what was kept means nothing", async () => {
    const { kept, store } = memory();
    const first = await tunedLinear(gpu, name, width, store);
    expect([...kept.values()]).toEqual([first]);
    const [key] = [...kept.keys()] as [string];
    expect(key).toContain(name);
    // A kept choice is taken as it is, the fastest or not.
    kept.set(key, { ...allBy("plain") });
    expect(await tunedLinear(gpu, name, width, store)).toEqual(allBy("plain"));
    const lacking = LINEAR_VARIANTS.find((variant) => !variantsOf(gpu).includes(variant)) as "subgroup4";
    for (const nothing of [{ forward: "magic" }, "", null, allBy(lacking)]) {
      kept.set(key, nothing);
      const found = await tunedLinear(gpu, name, width, store);
      expect(variantsOf(gpu)).toContain(found.forward);
      expect(kept.get(key)).toEqual(found);
    }
  });

  it("chooses attention that passes the gate, keeps it, and measures again where what was kept means nothing", async () => {
    const { kept, store } = memory();
    const { bytes } = gpu.counters;
    const first = await tunedAttention(gpu, name, heads, store);
    console.log(`${name}: attention ${JSON.stringify(first)}`);
    expect(await gateAttention(gpu, first)).toEqual(first);
    expect(gpu.counters.bytes - bytes).toBeLessThan(2 ** 20);
    const [key] = [...kept.keys()] as [string];
    expect(key).toContain(name);
    kept.set(key, attentionBy("plain"));
    expect(await tunedAttention(gpu, name, heads, store)).toEqual(attentionBy("plain"));
    for (const nothing of [{ forward: "magic" }, "plain", null]) {
      kept.set(key, nothing);
      const found = await tunedAttention(gpu, name, heads, store);
      expect(attentionVariantsOf(gpu)).toContain(found.forward);
      expect(kept.get(key)).toEqual(found);
    }
  });

  it("times more work as longer", async () => {
    const watch = gpu.stopwatch();
    const linear = linearOps(gpu, allBy("plain"));
    await gpu.ready();
    const side = 256;
    const [a, b, c] = ["a", "b", "c"].map((label) => {
      const buffer = gpu.storage(label, side * side);
      return { buffer, offset: 0, size: buffer.size };
    }) as [never, never, never];
    const shape = { rows: side, inputs: side, outputs: side };
    const run = (times: number) =>
      watch.milliseconds(() => {
        for (let i = 0; i < times; i++) linear.backwardX(shape, a, b, c);
      });
    await run(1);
    const [once, often] = [Math.min(await run(1), await run(1)), await run(16)];
    expect(once).toBeGreaterThan(0);
    expect(often).toBeGreaterThan(3 * once);
    watch.destroy();
  });
});

describe("a record of kernels", () => {
  it("is read back, in the older form too, and refused where it holds what no version knew", () => {
    const kernels: LinearKernels = { forward: "tiled64", few: "few", backwardX: "plain", backwardW: "tiled128" };
    expect(parseLinearKernels(JSON.parse(JSON.stringify(kernels)))).toEqual(kernels);
    expect(parseLinearKernels("subgroup8")).toEqual(allBy("subgroup8"));
    for (const nothing of [undefined, null, 3, "magic", {}, { ...kernels, backwardW: "tensor cores" }])
      expect(parseLinearKernels(nothing)).toBeNull();
  });
});

describe(`the whole model through workgroup memory on ${name}`, () => {
  const kernels: LinearKernels = { ...allBy("tiled64"), few: "few" };

  it("agrees with PyTorch, and gives the same bits again without creating anything after the second step", async () => {
    const engine = await engineWith({ kernels: { linear: kernels, attention: attentionBy("tiled") } });
    expect(engine.kernels.linear).toEqual({ ...kernels, few: expect.any(String) });
    for (const golden of readCases("tests/golden")) {
      const comparisons = await checkCase(engine, golden);
      expect(comparisons.length).toBeGreaterThan(10);
      expect(comparisons.filter((c) => !(c.error <= c.tolerance))).toEqual([]);
    }
    const digests: string[] = [];
    for (let run = 0; run < 2; run++) {
      const model = await createTiny(engine);
      for (let step = 0; step < 4; step++) {
        const { buffers, pipelines } = engine.device.counters;
        await model.update(trainingSequences(step), POLICY, 0.01);
        if (step >= 2) expect(engine.device.counters).toMatchObject({ buffers, pipelines });
      }
      digests.push(digest(await model.exportState()));
      model.destroy();
    }
    expect(digests[0]).toBe(digests[1]);
    engine.device.close();
  });
});

describe(`an engine with a store of choices on ${name}`, () => {
  it("measures once, for its first model, and says what it chose; a rasteriser has its usual kernels", async () => {
    const { kept, store } = memory();
    const engine = await engineWith({ tuning: store });
    (await createTiny(engine)).destroy();
    const { linear, attention } = engine.kernels;
    expect([...kept.values()]).toEqual(engine.info.software ? [] : [linear, attention]);
    (await createTiny(engine)).destroy();
    expect(kept.size).toBe(engine.info.software ? 0 : 2);
    expect(engine.kernels.linear).toEqual(await gateLinear(engine.device, engine.kernels.linear));
    engine.device.close();
  });

  it("measures nothing where kernels are given", async () => {
    const { kept, store } = memory();
    const engine = await engineWith({
      tuning: store,
      kernels: { linear: allBy("plain"), attention: attentionBy("plain") },
    });
    (await createTiny(engine)).destroy();
    expect(kept.size).toBe(0);
    expect(engine.kernels.linear).toEqual(allBy("plain"));
    engine.device.close();
  });
});
