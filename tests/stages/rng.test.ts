import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng, drawWithout } from "../../src/rollout/rng";

const take = (seed: number, count: number) => {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.next());
};

describe("rng", () => {
  it("repeats itself for a seed and differs between seeds", () => {
    expect(take(7, 20)).toEqual(take(7, 20));
    expect(take(7, 20)).not.toEqual(take(8, 20));
  });

  it("draws the same numbers in every version: recorded runs can be repeated", () => {
    expect(take(7, 3)).toEqual([0.07389712752774358, 0.6813157652504742, 0.4337323906365782]);
    expect(createRng(7).key("rollout", "0/solve", 3)).toBe(799102196);
  });

  it("draws uniformly: means, variance and neighbour correlation of 20,000 draws", () => {
    const draws = take(1, 20_000);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    const lagged = draws.slice(1).reduce((sum, value, index) => sum + (value - mean) * ((draws[index] ?? 0) - mean), 0);
    // Standard errors: 0.0020 (mean), 0.0005 (variance), 0.0071 (correlation); four of each.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0082);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0022);
    expect(Math.abs(lagged / draws.length / variance)).toBeLessThan(0.0283);
  });

  it("derives children from names, whatever was drawn before", () => {
    const used = createRng(3);
    for (let index = 0; index < 10; index++) used.next();
    expect(used.child("step", 4).next()).toBe(createRng(3).child("step", 4).next());
    expect(used.key("a")).toBe(createRng(3).key("a"));
  });

  it("keeps names apart", () => {
    const rng = createRng(0);
    const keys = [
      rng.key(1),
      rng.key("1"),
      rng.key("a", "b"),
      rng.key("ab"),
      rng.key("b", "a"),
      rng.key(),
      rng.key(""),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    const many = Array.from({ length: 20_000 }, (_, index) => rng.key("prompt", index));
    // Of 20,000 random 32-bit words about 0.05 pairs collide.
    expect(new Set(many).size).toBeGreaterThanOrEqual(19_999);
  });

  it("stays below the bound and gives 32-bit keys", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
        const rng = createRng(seed);
        const value = rng.below(bound);
        const key = rng.key("x");
        return Number.isInteger(value) && value >= 0 && value < bound && key >>> 0 === key;
      }),
    );
  });

  it("draws without replacement", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(30), fc.integer(), (items, count, seed) => {
        const indexed = items.map((item, index) => ({ item, index }));
        const drawn = drawWithout(createRng(seed), indexed, count);
        expect(drawn.length).toBe(Math.min(count, items.length));
        expect(new Set(drawn.map(({ index }) => index)).size).toBe(drawn.length);
      }),
    );
  });
});
