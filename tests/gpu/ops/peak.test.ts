import { expect, it } from "vitest";
import { measurePeak, peakOps } from "../../../src/ops/peak";
import { expectAllclose } from "../../reference/allclose";
import { openTestDevice } from "../tensors";

const { gpu, name, result, read } = await openTestDevice();

it(`peak on ${name} does all its multiply-adds`, async () => {
  const peak = peakOps(gpu);
  await gpu.ready();
  const [groups, turns] = [5, 3];
  const y = result(groups * 256, 4);
  peak.run(groups, turns, y);
  const expected = Float64Array.from({ length: groups * 256 * 4 }, (_, i) => {
    const start = (Math.floor(i / 4) % 1024) + (i % 4);
    let sum = 0;
    for (let vector = 0; vector < 8; vector++) {
      let v = start + vector;
      for (let turn = 0; turn < turns; turn++) v = v * 0.5 + start;
      sum += v;
    }
    return sum;
  });
  // Whole numbers and eighths of them: exact.
  expectAllclose(await read(y), expected, 0);
});

it(`peak on ${name} is a rate a processor or a GPU can have`, async () => {
  const rate = await measurePeak(gpu);
  expect(rate).toBeGreaterThan(0.01);
  expect(rate).toBeLessThan(1e6);
});
