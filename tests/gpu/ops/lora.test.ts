import { describe, expect, it } from "vitest";
import { groupsFor, view } from "../../../src/device/device";
import { loraOps, loraSlices } from "../../../src/ops/lora";
import { reduceOps } from "../../../src/ops/reduce";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/lora";
import { absolute, uniform } from "../../reference/numbers";
import { type DeviceTensor, openTestDevice, padTo4 } from "../tensors";

const { gpu, tensor, read, name } = await openTestDevice();
const lora = loraOps(gpu, reduceOps(gpu));
await gpu.ready();

/**
 * Rows, outputs and rank of a target, and the vec4 before and after it in the fused row and in the stacked h: on both
 * sides of a lane's four rows and of a workgroup's 32, ranks 3 and 5 with padding, and a row that is one target alone.
 */
const shapes = [
  [1, 4, 1, 0, 0],
  [3, 7, 3, 1, 2],
  [4, 33, 5, 2, 1],
  [17, 61, 5, 0, 3],
  [35, 12, 3, 4, 0],
  [130, 20, 16, 3, 1],
] as const;

/** Columns of a wider row. */
interface Slice {
  readonly columns: number;
  readonly at: number;
  readonly width: number;
}

const scale = 1.75;
/** A sum of K products errs by at most K + 1 roundings of Σ|a·b| in any order; the scale and an addend add three. */
const roundings = (terms: number): number => terms + 4;

describe.each(shapes)(`lora on ${name}, rows %i, outputs %i, rank %i, %i vec4 before and %i after`, (...sizes) => {
  const [rows, outputs, rank, before, after] = sizes;
  const shape = { rows, inputs: 1, outputs, rank, scale };
  const device = {
    rows,
    outputs: padTo4(outputs),
    offset: 4 * before,
    width: padTo4(outputs) + 4 * (before + after),
    rank: padTo4(rank),
    rankOffset: 4 * after,
    ranks: padTo4(rank) + 4 * (before + after),
    scale,
  };
  const b = uniform(1, outputs * rank);
  const h = uniform(2, rows * rank);
  const dy = uniform(3, rows * outputs);
  const wide: Slice = { columns: outputs, at: device.offset, width: device.width };
  const narrow: Slice = { columns: rank, at: device.rankOffset, width: device.ranks };

  it("expand adds to the target's columns and to no others", async () => {
    const old = uniform(4, rows * device.width);
    const y = tensor(old, device.width);
    const limit = rounded(roundings(rank), reference.expand(shape, absolute(h), absolute(b))) + rounded(2, 2);
    lora.expand(device, matrix(b, rank), within(h, narrow), y);
    const added = reference.expand(shape, h, b);
    const expected = old.map((value, i) => {
      const column = (i % device.width) - device.offset;
      const row = Math.floor(i / device.width);
      return column >= 0 && column < outputs ? value + added[row * outputs + column]! : value;
    });
    expectAllclose(await read(y), expected, limit);
  });

  it("backwardH writes the target's ranks and no others", async () => {
    const old = uniform(5, rows * device.ranks);
    const dh = tensor(old, device.ranks);
    lora.backwardH(device, matrix(b, rank), within(dy, wide), dh);
    const limit = rounded(roundings(outputs), reference.backwardH(shape, absolute(dy), absolute(b)));
    const found = await read(dh);
    expectAllclose(outOf(found, narrow), reference.backwardH(shape, dy, b), limit);
    const others = (i: number) => i % device.ranks < narrow.at || i % device.ranks >= narrow.at + device.rank;
    expect(found.filter((_, i) => others(i))).toEqual(Float32Array.from(old).filter((_, i) => others(i)));
  });

  it("backwardB accumulates over all rows, whatever lies beside the target", async () => {
    const old = uniform(6, outputs * rank);
    const db = matrix(old, rank);
    const partial = view(
      gpu.storage("partial", loraSlices(device.outputs * device.rank) * device.outputs * device.rank),
    );
    lora.backwardB(device, within(dy, wide), within(h, narrow), partial, db);
    const limit = rounded(roundings(rows), reference.backwardB(shape, absolute(dy), absolute(h))) + rounded(2, 2);
    const sum = reference.backwardB(shape, dy, h);
    const found = await read(db);
    expect(found.subarray(outputs * rank).every((value) => value === 0)).toBe(true);
    expectAllclose(
      found.subarray(0, outputs * rank),
      sum.map((value, i) => value + old[i]!),
      limit,
    );
  });

  /** A matrix with rows of padding up to whole vec4. */
  function matrix(data: Float64Array, columns: number): DeviceTensor {
    const all = new Float64Array(padTo4(data.length / columns) * columns);
    all.set(data);
    return tensor(all, columns);
  }

  /** Columns of a wider row; other numbers, which must not be read, lie beside them. */
  function within(data: Float64Array, { columns, at, width }: Slice): DeviceTensor {
    const all = uniform(9, rows * width, 100, 200);
    for (let i = 0; i < rows * padTo4(columns); i++) {
      const row = Math.floor(i / padTo4(columns));
      const column = i % padTo4(columns);
      all[row * width + at + column] = column < columns ? data[row * columns + column]! : 0;
    }
    return tensor(all, width);
  }

  function outOf(data: Float32Array, { columns, at, width }: Slice): Float32Array {
    return Float32Array.from({ length: rows * columns }, (_, i) => {
      return data[Math.floor(i / columns) * width + at + (i % columns)]!;
    });
  }
});

describe(`the largest adapters on ${name}`, () => {
  it("have shares of dB that every adapter binds, in as many slices as before where they are small", () => {
    expect([1, 2 ** 21, 2 ** 21 + 1, 4864 * 1024, 18_944 * 1024, 2 ** 26].map(loraSlices)).toEqual([
      16, 16, 15, 6, 1, 1,
    ]);
    for (const cells of [2 ** 21, 2 ** 21 + 16, 4864 * 1024, 18_944 * 1024])
      expect(loraSlices(cells) * cells).toBeLessThanOrEqual(2 ** 25);
  });

  it("have a dB of more numbers than one row of workgroups has lanes for", async () => {
    // 16,779,264 numbers: 4,194,816 vec4 to add up, 4,194,240 lanes in a row.
    const [rows, outputs, rank] = [2, 32_772, 512];
    const cells = outputs * rank;
    expect(() => groupsFor(cells / 4)).toThrow(/exceed/);
    const shape = { rows, outputs, offset: 0, width: outputs, rank, rankOffset: 0, ranks: rank, scale };
    const [dy, h] = [uniform(1, rows * outputs), uniform(2, rows * rank)];
    const db = view(gpu.storage("db", cells));
    const partial = view(gpu.storage("partial", loraSlices(cells) * cells));
    lora.backwardB(shape, tensor(dy, outputs), tensor(h, rank), partial, db);
    // Whole rows on both sides of the fold, and the last: half of all lanes lie in either row of workgroups.
    for (const n of [0, outputs / 2 - 1, outputs / 2, outputs - 1]) {
      const found = await gpu.readFloats(view(db.buffer, n * rank * 4, rank * 4));
      const expected = Float64Array.from(
        { length: rank },
        (_, r) => scale * (dy[n]! * h[r]! + dy[outputs + n]! * h[rank + r]!),
      );
      expectAllclose(found, expected, rounded(roundings(rows), 2 * scale));
    }
    for (const { buffer } of [db, partial]) gpu.destroyBuffer(buffer);
  });
});

describe("lora refuses", () => {
  it("tensors that are too small and slices outside the row, by name", () => {
    const small = tensor(uniform(1, 8), 4);
    const shape = { rows: 64, outputs: 8, offset: 0, width: 8, rank: 4, rankOffset: 0, ranks: 4, scale };
    expect(() => lora.expand(shape, small, small, small)).toThrow(/lora\.y: expected 512 floats, got/);
    const outside = { ...shape, rows: 1, offset: 4 };
    expect(() => lora.expand(outside, small, small, small)).toThrow(/columns 4\+8 of 8/);
  });
});
