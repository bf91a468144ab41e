import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ranges } from "../../src/cpu/ranges";

describe("ranges of a memory", () => {
  it("follow each other, and what was given back is taken again", () => {
    const ranges = new Ranges(64);
    const [a, b, c] = [ranges.take(64), ranges.take(1), ranges.take(130)];
    expect([a, b, c]).toEqual([64, 128, 192].map((at) => ({ at, used: false })));
    ranges.give(128, 1);
    expect(ranges.take(64)).toEqual({ at: 128, used: true });
    expect(ranges.end).toBe(192 + 192);
  });

  it("become one where they touch, in any order", () => {
    const ranges = new Ranges(0);
    for (let i = 0; i < 3; i++) ranges.take(64);
    for (const at of [0, 128, 64]) ranges.give(at, 64);
    expect(ranges.take(192)).toEqual({ at: 0, used: true });
    expect(ranges.freeBytes).toBe(0);
  });

  it("never overlap, and none is lost", () => {
    const steps = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 500 }), drop: fc.nat() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        const ranges = new Ranges(64);
        const held: { at: number; bytes: number }[] = [];
        for (const { bytes, drop } of list) {
          if (drop % 3 === 0 && held.length > 0) {
            const [gone] = held.splice(drop % held.length, 1);
            if (gone) ranges.give(gone.at, gone.bytes);
          } else held.push({ at: ranges.take(bytes).at, bytes });
        }
        const sorted = held.toSorted((a, b) => a.at - b.at);
        const ends = sorted.map(({ at, bytes }) => at + Ranges.rounded(bytes));
        sorted.forEach(({ at }, i) => {
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(ends[i - 1] ?? 64);
        });
        const taken = held.reduce((sum, { bytes }) => sum + Ranges.rounded(bytes), 0);
        expect(ranges.end - 64).toBe(taken + ranges.freeBytes);
      }),
    );
  });
});
