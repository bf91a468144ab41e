import { beforeAll, describe, expect, it } from "vitest";
import { readCases } from "../../src/cli/golden-case";
import { exportOnnx } from "../../src/export/decoder";
import { parseConfig } from "../../src/model/config";
import { Runtime, worstDifference } from "./runtime";

/** Ten times tighter than promised: float32 sums of these lengths differ from PyTorch in float64 by less than 1e-5. */
const TOLERANCE = 1e-4;

describe.each(readCases("tests/golden").map((golden) => [golden.manifest.name, golden] as const))("%s", (_, golden) => {
  const config = parseConfig(golden.manifest.config);
  const sequences = golden.sequences.map(({ prompt, completion }) => [...prompt, ...completion]);
  const expected = golden.tensors.get("forward/logits")?.data as Float32Array;
  const vocabulary = config.vocabulary;
  const rowsBefore = sequences.map((_, i) => sequences.slice(0, i).flat().length);
  const expectedOf = (i: number): Float32Array =>
    expected.subarray(
      (rowsBefore[i] as number) * vocabulary,
      ((rowsBefore[i] as number) + (sequences[i]?.length ?? 0)) * vocabulary,
    );
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await Runtime.open(exportOnnx(config, golden.parameters), config);
  });

  it("gives the golden logits without a cache", async () => {
    for (const [i, tokens] of sequences.entries()) {
      const { logits } = await runtime.run([tokens]);
      expect(worstDifference(logits, expectedOf(i))).toBeLessThan(TOLERANCE);
    }
  });

  it("gives the golden logits with one: a prompt, a few tokens at once, then one by one", async () => {
    for (const [i, tokens] of sequences.entries()) {
      const logits: number[] = [];
      let past = runtime.empty(1);
      for (const piece of pieces(tokens)) {
        const output = await runtime.run([piece], past);
        past = output.past;
        logits.push(...output.logits);
      }
      expect(worstDifference(logits, expectedOf(i))).toBeLessThan(TOLERANCE);
    }
  });

  it("gives them in a batch of different lengths, padded on the left", async () => {
    const longest = Math.max(...sequences.map(({ length }) => length));
    const padding = sequences.map(({ length }) => longest - length);
    const rows = sequences.map((tokens, i) => [...Array<number>(padding[i] as number).fill(0), ...tokens]);
    const { logits } = await runtime.run(rows, undefined, padding);
    for (const i of sequences.keys()) {
      const row = logits.subarray((i * longest + (padding[i] as number)) * vocabulary, (i + 1) * longest * vocabulary);
      expect(worstDifference(row, expectedOf(i))).toBeLessThan(TOLERANCE);
    }
  });

  it("continues the first prompt greedily as the golden tokens do", async () => {
    const prompt = golden.sequences[0]?.prompt as Int32Array;
    const tokens = await runtime.greedy(prompt, golden.greedy.length - prompt.length);
    expect(tokens).toEqual([...golden.greedy]);
  });

  it("is the same file every time", () => {
    const [once, again] = [1, 2].map(() => Buffer.concat(exportOnnx(config, golden.parameters)));
    expect(once?.equals(again as Buffer)).toBe(true);
  });
});

/** One half at once, three more, the rest alone. */
function pieces(tokens: readonly number[]): number[][] {
  const half = Math.ceil(tokens.length / 2);
  const alone = tokens.slice(half + 3).map((token) => [token]);
  return [tokens.slice(0, half), tokens.slice(half, half + 3), ...alone].filter((piece) => piece.length > 0);
}
