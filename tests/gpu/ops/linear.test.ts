import { describe, expect, it } from "vitest";
import { linearOps, slicesOf } from "../../../src/ops/linear";
import { allBy, LINEAR_VARIANTS, variantsOf } from "../../../src/ops/linear-variants";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/linear";
import { absolute, halved, uniform } from "../../reference/numbers";
import { type DeviceTensor, openTestDevice, padTo4 } from "../tensors";

const device = await openTestDevice();
const { gpu, tensor, result, read } = device;
/** Every sibling this device can run, and the one for few rows beside the first of them. */
const variants = [...variantsOf(gpu).map((name) => ({ name, kernels: allBy(name) })), withFew()];
const others = LINEAR_VARIANTS.filter((name) => !variants.some((variant) => variant.name === name));
console.log(`${device.name}: no ${others.join(", ")}, whose subgroups have another width`);

function withFew() {
  return { name: "few", kernels: { ...allBy("plain"), few: "few" as const } };
}

/** Rows, inputs and outputs on both sides of the tiles (8 × 8 and 16 × 32) and of a workgroup's 64 rows. */
const shapes = [
  [1, 4, 4],
  [2, 61, 3],
  [3, 12, 20],
  [5, 132, 60],
  [16, 32, 32],
  [17, 20, 132],
  [37, 10, 61],
  [66, 60, 12],
  [129, 36, 151],
  [300, 72, 140],
] as const;

/**
 * A sum of K products errs by at most K + 1 roundings of Σ|a·b| in any order of addition; one more for each addend.
 * Tighter than any dropped term: that would be 1/K of the sum, 10⁵ roundings.
 */
const roundings = (terms: number): number => terms + 3;

/** Weights are held in either precision; the numbers are the same ones for device and reference. */
const precisions = ["float32", "float16"] as const;
const weightsLike = variants.flatMap((variant) => precisions.map((precision) => ({ ...variant, precision })));

describe.each(weightsLike)(`linear $name of $precision weights on ${device.name}`, ({ kernels, precision }) => {
  const linear = linearOps(gpu, kernels, [precision]);
  const isHalf = precision === "float16";
  const drawn = (seed: number, count: number) => (isHalf ? halved(uniform(seed, count)) : uniform(seed, count));
  const held = isHalf ? halves : weights;

  it.each(shapes)("forward, rows %i, inputs %i, outputs %i", async (rows, inputs, outputs) => {
    await gpu.ready();
    const shape = { rows, inputs, outputs };
    const x = uniform(1, rows * inputs);
    const w = drawn(2, outputs * inputs);
    const bias = uniform(3, outputs);
    const residual = uniform(4, rows * outputs);
    const limit = rounded(roundings(inputs), reference.forward(shape, absolute(x), absolute(w))) + rounded(4, 2);
    const cases = [
      { addend: undefined, terms: {} },
      { addend: { bias: tensor(bias, outputs) }, terms: { bias } },
      { addend: { residual: tensor(residual, outputs) }, terms: { residual } },
    ];
    for (const { addend, terms } of cases) {
      const y = result(rows, outputs);
      linear.forward(onDevice(shape), tensor(x, inputs), held(w, shape), y, addend);
      expectAllclose(await read(y), reference.forward(shape, x, w, terms), limit);
    }
  });

  it.each(shapes)("backwardX, rows %i, inputs %i, outputs %i", async (rows, inputs, outputs) => {
    await gpu.ready();
    const shape = { rows, inputs, outputs };
    const dy = uniform(5, rows * outputs);
    const w = drawn(6, outputs * inputs);
    const dx = result(rows, inputs);
    linear.backwardX(onDevice(shape), tensor(dy, outputs), held(w, shape), dx);
    const expected = reference.backwardX(shape, dy, w);
    const limit = rounded(roundings(outputs), reference.backwardX(shape, absolute(dy), absolute(w))) + rounded(2, 1);
    expectAllclose(await read(dx), expected, limit);
    const before = uniform(10, rows * inputs);
    const sum = tensor(before, inputs);
    linear.backwardX(onDevice(shape), tensor(dy, outputs), held(w, shape), sum, true);
    expectAllclose(
      await read(sum),
      expected.map((value, i) => value + before[i]!),
      limit,
    );
  });

  it("gives the same bits for the same weights, however they are held", async () => {
    const both = linearOps(gpu, kernels, precisions);
    await gpu.ready();
    for (const rows of [3, 37]) {
      const shape = { rows, inputs: 60, outputs: 44 };
      const w = halved(uniform(12, shape.outputs * shape.inputs, -4, 4));
      const x = tensor(uniform(11, rows * shape.inputs), shape.inputs);
      const dy = tensor(uniform(13, rows * shape.outputs), shape.outputs);
      const results = async (weight: DeviceTensor) => {
        const [y, dx] = [result(rows, shape.outputs), result(rows, shape.inputs)];
        both.forward(shape, x, weight, y);
        both.backwardX(shape, dy, weight, dx);
        return [await read(y), await read(dx)];
      };
      expect(await results(halves(w, shape))).toEqual(await results(weights(w, shape)));
    }
  });
});

describe.each(variants)(`linear $name on ${device.name}`, ({ kernels }) => {
  const linear = linearOps(gpu, kernels);

  it.each(shapes)("backwardW, rows %i, inputs %i, outputs %i", async (rows, inputs, outputs) => {
    await gpu.ready();
    const shape = { rows, inputs, outputs };
    const dy = uniform(7, rows * outputs);
    const x = uniform(8, rows * inputs);
    const before = uniform(9, outputs * inputs);
    const expected = reference.backwardW(shape, dy, x);
    const limit = rounded(roundings(rows), reference.backwardW(shape, absolute(dy), absolute(x))) + rounded(2, 1);
    const dw = weights(before, shape);
    linear.backwardW(onDevice(shape), tensor(dy, outputs), tensor(x, inputs), dw);
    expectAllclose(
      await readWeights(dw, shape),
      expected.map((value, i) => value + before[i]!),
      limit,
    );
    linear.backwardW(onDevice(shape), tensor(dy, outputs), tensor(x, inputs), dw, false);
    expectAllclose(await readWeights(dw, shape), expected, limit);
  });
});

describe("sums of weight gradients", () => {
  it("are cut where there are few tiles and many rows, and one of the shapes here is", () => {
    expect(slicesOf({ rows: 140, columns: 72, depth: 300 })).toBe(2);
    expect(slicesOf({ rows: 128, columns: 128, depth: 4096 })).toBe(16);
    expect(slicesOf({ rows: 4096, columns: 4096, depth: 4096 })).toBe(1);
    expect(slicesOf({ rows: 64, columns: 64, depth: 60 })).toBe(1);
  });
});

describe("linear refuses", () => {
  const linear = linearOps(gpu, allBy("plain"));

  it("weights in a precision that it has no kernels for, and halves where numbers of four bytes belong", async () => {
    await gpu.ready();
    const shape = { rows: 4, inputs: 4, outputs: 4 };
    const [x, w] = [tensor(uniform(1, 16), 4), device.halves(halved(uniform(2, 16)), 4)];
    expect(() => linear.forward(shape, x, w, result(4, 4))).toThrow("linear.w: no kernels for float16");
    expect(() => linear.forward(shape, w, x, result(4, 4))).toThrow(/test halves holds float16/);
  });

  it("tensors that are too small, by name", () => {
    const small = tensor(uniform(1, 8), 4);
    const shape = { rows: 64, inputs: 64, outputs: 64 };
    expect(() => linear.forward(shape, small, small, small)).toThrow(/linear\.x: expected 4096 floats, got/);
  });
});

function onDevice({ rows, inputs, outputs }: reference.LinearShape): reference.LinearShape {
  return { rows, inputs: padTo4(inputs), outputs: padTo4(outputs) };
}

/** A weight matrix has its rows padded to whole vec4 too: outputs beyond the last are zero. */
function weights(w: Float64Array, shape: reference.LinearShape) {
  return tensor(withPaddedRows(w, shape), shape.inputs);
}

function halves(w: Float64Array, shape: reference.LinearShape) {
  return device.halves(withPaddedRows(w, shape), shape.inputs);
}

function withPaddedRows(w: Float64Array, { inputs, outputs }: reference.LinearShape): Float64Array {
  const all = new Float64Array(padTo4(outputs) * inputs);
  all.set(w);
  return all;
}

async function readWeights(w: ReturnType<typeof weights>, { inputs, outputs }: reference.LinearShape) {
  const all = await read(w);
  expect(
    all.subarray(outputs * inputs).every((value) => value === 0),
    "rows of padding",
  ).toBe(true);
  return all.subarray(0, outputs * inputs);
}
