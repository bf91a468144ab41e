import { describe, expect, it } from "vitest";
import { linearOps } from "../../../src/ops/linear";
import { MUON_SLICES, muonOps } from "../../../src/ops/muon";
import { orthogonalize, planMuonSpace, scratchShards } from "../../../src/optimizer/newton-schulz";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/muon";
import { magnitude, uniform } from "../../reference/numbers";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, read } = await openTestDevice();
const muon = muonOps(gpu);
const linear = linearOps(gpu);
await gpu.ready();

describe.each([
  [4, 0, 1, 0],
  [132, 5, 17, 3],
  [520, 0, 130, 0],
] as const)(`muon on ${name}: %i floats, %i + %i vec4, from the matrix's %i`, (floats, first, count, at) => {
  const range = { first, count, at };
  const within = (x: Float64Array): Float64Array => x.slice(first * 4, (first + count) * 4);
  const replaced = (x: Float64Array, part: Float64Array): Float64Array => {
    const copy = Float64Array.from(x);
    copy.set(part, first * 4);
    return copy;
  };

  it("momentum, of gradients clipped by the factor on the device", async () => {
    const [mu, factor] = [0.875, 0.25];
    const before = uniform(1, floats);
    const gradient = uniform(2, floats);
    const state = tensor(before, floats);
    const update = result(at + count, 4);
    muon.momentum(range, mu, tensor(gradient, floats), tensor([9, factor], 1, 1), state, update);
    const clipped = within(gradient).map((g) => g * factor);
    const expected = reference.momentum(mu, within(before), clipped);
    expectAllclose(await read(state), replaced(before, expected.state), rounded(3, 2));
    expectAllclose((await read(update)).subarray(at * 4), expected.update, rounded(5, 2));
  });

  it("apply", async () => {
    const before = uniform(3, floats);
    const step = uniform(4, (at + count) * 4);
    const w = tensor(before, floats);
    muon.apply(range, 0.0625, tensor(step, 4), w);
    const moved = within(before).map((value, i) => value - 0.0625 * step[at * 4 + i]!);
    expectAllclose(await read(w), replaced(before, moved), rounded(2, 2));
  });
});

/** Rows, columns, rows that a buffer holds: square, wide and tall, one dimension padded; three of them in shards. */
const matrices = [
  [4, 4, 4],
  [10, 20, 12],
  [12, 60, 12],
  [61, 12, 64],
  [37, 37, 40],
  [130, 12, 64],
  [70, 133, 64],
  [132, 130, 128],
] as const;

describe.each(matrices)(`Newton–Schulz on ${name}: %i × %i, %i rows a buffer`, (rows, columns, rowsHeld) => {
  const x = uniform(5, rows * columns);

  it("normalises by the Frobenius norm", async () => {
    const device = tensor(x, columns);
    muon.normalize([{ count: (rows * padTo4(columns)) / 4, x: device }], result(MUON_SLICES, 1, 1));
    // Squares are positive: a rounding a term and slice, halved by the root, and 2.5 ulp each of root and quotient.
    const roundings = (rows * columns) / 8 + MUON_SLICES / 2 + 10;
    const expected = reference.normalize(x);
    expectAllclose(await read(device), expected, rounded(roundings, expected));
  });

  it("turns a matrix into a nearly orthogonal one with the same singular vectors", async () => {
    const shape = { rows: padTo4(rows), columns: padTo4(columns) };
    const segment = { offset: 0, size: shape.rows * shape.columns };
    const matrix = { name: "test", ...shape, ...segment, aspect: rows / columns };
    const space = planMuonSpace(gpu, [matrix], [{ offset: 0, size: rowsHeld * shape.columns }]);
    const given = new Float64Array(shape.rows * columns);
    given.set(x);
    const uploaded = tensor(given, columns);
    for (const part of scratchShards(space.update, shape)) {
      const [from, size] = [part.first, part.rows].map((count) => count * shape.columns * 4) as [number, number];
      gpu.copy({ ...uploaded, offset: uploaded.offset + from, size }, part.view);
    }
    const solved = new Float32Array(segment.size);
    const shards = orthogonalize(linear, muon, space, shape);
    expect(shards.length).toBe(Math.ceil(shape.rows / rowsHeld));
    for (const { first, rows: held, view } of shards)
      solved.set((await gpu.readFloats(view)).subarray(0, held * shape.columns), first * shape.columns);
    const expected = reference.orthogonalize(rows, columns, x);
    const actual = expected.map((_, i) => solved[Math.floor(i / columns) * shape.columns + (i % columns)]!);
    // Each of five steps is a sum of at most 2 · 61 roundings, and makes an earlier error at most 3.4445 times larger
    // (Newton–Schulz grows small singular values by that much, and with them what was wrong in them).
    const growth = 1 + 3.4445 + 3.4445 ** 2 + 3.4445 ** 3 + 3.4445 ** 4;
    const side = Math.max(rows, columns);
    expectAllclose(actual, expected, rounded(2 * side * growth, magnitude(expected)));
  });
});

it(`polynomial and addScaled on ${name}`, async () => {
  const [a, b, before] = [uniform(6, 132), uniform(7, 132), uniform(8, 132)];
  const y = result(33, 4);
  muon.polynomial(33, -4.75, tensor(a, 4), 2.25, tensor(b, 4), y);
  expectAllclose(
    await read(y),
    a.map((value, i) => -4.75 * value + 2.25 * b[i]!),
    rounded(3, 7),
  );
  const sum = tensor(before, 4);
  muon.addScaled(33, 3.5, tensor(a, 4), sum);
  expectAllclose(
    await read(sum),
    before.map((value, i) => value + 3.5 * a[i]!),
    rounded(2, 4.5),
  );
});
