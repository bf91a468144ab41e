import { describe, it } from "vitest";
import { embeddingOps, tokenRuns } from "../../../src/ops/embedding";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/embedding";
import { absolute, halved, integers, uniform } from "../../reference/numbers";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, halves, result, indices, read } = await openTestDevice();
const embedding = embeddingOps(gpu);
const ofHalves = embeddingOps(gpu, "float16");
await gpu.ready();

/** Tokens, vocabulary, width. One token only; many tokens that hardly repeat; few that repeat all the time. */
const shapes = [
  [1, 61, 4],
  [5, 3, 10],
  [37, 1, 12],
  [66, 61, 61],
  [129, 151, 20],
  [130, 5, 132],
] as const;

describe.each(shapes)(`embedding on ${name}: %i tokens of %i, width %i`, (count, vocabulary, columns) => {
  const tokens = integers(1, count, vocabulary);
  const table = uniform(2, vocabulary * columns);

  /** The table in two buffers, as near to the middle as it goes. */
  const inTwo = (data: Float64Array) => {
    const middle = Math.floor(vocabulary / 2);
    const of = (first: number, end: number) =>
      first === end
        ? []
        : [{ first, rows: end - first, view: tensor(data.subarray(first * columns, end * columns), columns) }];
    return [...of(0, middle), ...of(middle, vocabulary)];
  };

  it("forward copies rows", async () => {
    const x = result(count, columns);
    for (const rows of inTwo(table)) embedding.forward(count, padTo4(columns), indices(tokens), rows, x);
    expectAllclose(await read(x), reference.forward(columns, tokens, table), 0);
  });

  it("forward copies rows of a table of halves", async () => {
    const x = result(count, columns);
    const rounded = halved(table);
    const rows = { first: 0, rows: vocabulary, view: halves(rounded, columns) };
    ofHalves.forward(count, padTo4(columns), indices(tokens), rows, x);
    expectAllclose(await read(x), reference.forward(columns, tokens, rounded), 0);
  });

  it("backward adds the rows of each token to the table's gradient", async () => {
    const dx = uniform(3, count * columns);
    const before = uniform(4, table.length);
    const { order, runs } = tokenRuns(tokens, vocabulary);
    const views = [indices(tokens), indices(order), indices(runs), tensor(dx, columns)] as const;
    const parts = inTwo(before);
    for (const rows of parts) embedding.backward(runs.length - 1, padTo4(columns), ...views, rows);
    const dtable = [];
    for (const { view } of parts) dtable.push(...(await read(view)));
    const expected = reference.backward(columns, vocabulary, tokens, dx).map((value, i) => value + before[i]!);
    // At most one rounding for each token, none larger than the sum of magnitudes.
    const scale = reference.backward(columns, vocabulary, tokens, absolute(dx));
    expectAllclose(
      dtable,
      expected,
      scale.map((value) => rounded(count + 1, value + 1)),
    );
  });
});
