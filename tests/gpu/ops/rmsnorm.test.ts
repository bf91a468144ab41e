import { describe, expect, it } from "vitest";
import { reduceOps } from "../../../src/ops/reduce";
import { type NormShape, rmsNormOps, SLICES } from "../../../src/ops/rmsnorm";
import { expectAllclose, rounded } from "../../reference/allclose";
import { absolute, magnitude, uniform } from "../../reference/numbers";
import * as reference from "../../reference/rmsnorm";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, read } = await openTestDevice();
const norm = rmsNormOps(gpu, reduceOps(gpu));
await gpu.ready();

const eps = 1e-5;
/** Rows of their own, and heads inside q·k·v rows of `all` heads, from head `first` on. */
const shapes = [
  { tokens: 1, columns: 4, heads: 1, first: 0, all: 1 },
  { tokens: 3, columns: 10, heads: 1, first: 0, all: 1 },
  { tokens: 65, columns: 61, heads: 1, first: 0, all: 1 },
  { tokens: 129, columns: 132, heads: 1, first: 0, all: 1 },
  { tokens: 5, columns: 10, heads: 6, first: 0, all: 10 },
  { tokens: 37, columns: 12, heads: 2, first: 6, all: 10 },
  { tokens: 66, columns: 10, heads: 2, first: 6, all: 10 },
];
type Case = (typeof shapes)[number];

const rowsOf = ({ tokens, columns, heads, first, all }: Case): reference.NormShape => ({
  rows: tokens * heads,
  columns,
  eps,
  heads,
  stride: all * columns,
  offset: first * columns,
});

const onDevice = ({ tokens, columns, heads, first, all }: Case): NormShape => {
  const head4 = padTo4(columns) / 4;
  return { rows: tokens * heads, columns, eps, heads, stride4: all * head4, offset4: first * head4 };
};

/** C/2 + 16 roundings of rstd: a sum of C squares, halved by the root; 2.5 ulp each for /, sqrt and the reciprocal. */
const roundings = (columns: number): number => columns / 2 + 16;

describe.each(shapes)(`rmsnorm on ${name}: $tokens rows of $all × $columns, $heads from $first on`, (shape) => {
  const rows = rowsOf(shape);
  const { columns, tokens, all } = shape;
  const x = uniform(1, tokens * all * columns);
  const w = uniform(2, columns);
  const dy = uniform(3, x.length);
  const rstd = reference.reciprocalRoot(rows, x);
  /** |x·rstd| is at most √C, so each gradient is at most rstd · (1 + √C) before it cancels. */
  const largest = magnitude(rstd) * (1 + Math.sqrt(columns));

  it("forward", async () => {
    const y = tensor(x, columns);
    const roots = result(rows.rows, 1, 1);
    norm.forward(onDevice(shape), tensor(x, columns), tensor(w, columns), roots, y);
    const expected = reference.forward(rows, x, w);
    expectAllclose(await read(y), expected, rounded(roundings(columns), expected));
    expectAllclose(
      await read(roots),
      rstd,
      rstd.map((value) => rounded(roundings(columns), value)),
    );
  });

  it.each([false, true])("backwardX, accumulate %s", async (accumulate) => {
    const before = uniform(4, x.length);
    const dx = tensor(before, columns);
    const views = [tensor(x, columns), tensor(w, columns), tensor(rstd, 1, 1), tensor(dy, columns)] as const;
    norm.backwardX(onDevice(shape), ...views, dx, accumulate);
    const expected = reference.backwardX(rows, x, w, dy, before, accumulate);
    expectAllclose(await read(dx), expected, rounded(2 * roundings(columns), largest + 1));
  });

  it("backwardW adds to the gain's gradient", async () => {
    const before = uniform(5, columns);
    const dw = tensor(before, columns);
    const partial = result(SLICES, columns);
    norm.backwardW(onDevice(shape), tensor(x, columns), tensor(rstd, 1, 1), tensor(dy, columns), partial, dw);
    const expected = reference.backwardW(rows, x, rstd, dy).map((value, c) => value + before[c]!);
    const scale = reference.backwardW(rows, absolute(x), rstd, absolute(dy));
    expectAllclose(await read(dw), expected, rounded(rows.rows + 4, magnitude(scale) + 1));
  });
});

it("keeps a row of zeros at zero", async () => {
  const y = result(2, 12);
  const zeros = new Float64Array(24);
  const shape = { rows: 2, columns: 12, eps, heads: 1, stride4: 3, offset4: 0 };
  norm.forward(shape, tensor(zeros, 12), tensor(uniform(1, 12), 12), result(2, 1, 1), y);
  expect(magnitude(await read(y))).toBe(0);
});
