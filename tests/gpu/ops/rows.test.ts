import { describe, it } from "vitest";
import { rowsOps } from "../../../src/ops/rows";
import { createRng, drawWithout } from "../../../src/rollout/rng";
import { expectAllclose } from "../../reference/allclose";
import { integers, uniform } from "../../reference/numbers";
import * as reference from "../../reference/rows";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, indices, read } = await openTestDevice();
const rows = rowsOps(gpu);
await gpu.ready();

/** Rows picked, rows there are, width. */
const shapes = [
  [1, 1, 4],
  [5, 61, 10],
  [37, 37, 12],
  [66, 129, 132],
] as const;

describe.each(shapes)(`rows on ${name}: %i of %i, width %i`, (picked, all, columns) => {
  it("gather copies rows, repeated ones too", async () => {
    const x = uniform(1, all * columns);
    const index = integers(2, picked, all);
    const y = result(picked, columns);
    rows.gather(picked, padTo4(columns), indices(index), tensor(x, columns), y);
    expectAllclose(await read(y), reference.gather(columns, index, x), 0);
  });

  it("scatter puts rows back and leaves the others", async () => {
    const x = uniform(3, picked * columns);
    const before = uniform(4, all * columns);
    const numbers = Array.from({ length: all }, (_, i) => i);
    const index = drawWithout(createRng(5), numbers, picked);
    const y = tensor(before, columns);
    rows.scatter(picked, padTo4(columns), indices(index), tensor(x, columns), y);
    expectAllclose(await read(y), reference.scatter(columns, index, x, before), 0);
  });
});
