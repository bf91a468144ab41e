import { describe, it } from "vitest";
import { embeddingOps, tokenRuns } from "../../../src/ops/embedding";
import { expectAllclose, rounded } from "../../reference/allclose";
import * as reference from "../../reference/embedding";
import { absolute, integers, uniform } from "../../reference/numbers";
import { openTestDevice, padTo4 } from "../tensors";

const { gpu, name, tensor, result, indices, read } = await openTestDevice();
const embedding = embeddingOps(gpu);
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

  it("forward copies rows", async () => {
    const x = result(count, columns);
    embedding.forward(count, padTo4(columns), indices(tokens), tensor(table, columns), x);
    expectAllclose(await read(x), reference.forward(columns, tokens, table), 0);
  });

  it("backward adds the rows of each token to the table's gradient", async () => {
    const dx = uniform(3, count * columns);
    const before = uniform(4, table.length);
    const dtable = tensor(before, columns);
    const { order, runs } = tokenRuns(tokens, vocabulary);
    const views = [indices(tokens), indices(order), indices(runs), tensor(dx, columns), dtable] as const;
    embedding.backward(runs.length - 1, padTo4(columns), ...views);
    const expected = reference.backward(columns, vocabulary, tokens, dx).map((value, i) => value + before[i]!);
    // At most one rounding for each token, none larger than the sum of magnitudes.
    const scale = reference.backward(columns, vocabulary, tokens, absolute(dx));
    expectAllclose(
      await read(dtable),
      expected,
      scale.map((value) => rounded(count + 1, value + 1)),
    );
  });
});
