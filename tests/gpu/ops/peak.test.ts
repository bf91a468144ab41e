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

it(`peak on ${name} is the operations that were dispatched, over the shortest time`, async () => {
  const times = [8, 5, 2, 4, 2.5];
  let operations = 0;
  let measured = 0;
  const stopwatch = () => ({
    async milliseconds(record: () => void) {
      record();
      return times[measured++] ?? Number.NaN;
    },
    destroy() {},
  });
  const told = new Proxy(gpu, {
    get(target, key) {
      if (key === "stopwatch") return stopwatch;
      if (key === "dispatch")
        return (...all: Parameters<typeof gpu.dispatch>) => {
          operations = all[4] ?? 0;
          target.dispatch(...all);
        };
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const rate = await measurePeak(told);
  expect(measured).toBe(times.length);
  expect(operations).toBeGreaterThan(1e8);
  // 10⁹ operations a second are 10⁶ a millisecond.
  expect(rate).toBeCloseTo(operations / 2 / 1e6, 6);
});
