import { describe, expect, it } from "vitest";
import { fitItems, fitPairs, preferenceLoss, scoreFeatures, sigmoid } from "../../src/reward/feature-head";
import { createRng } from "../../src/rollout/rng";

const rng = createRng(7);
/** Features of which the first two count: the utility is 2 x₀ − x₁, in units of the noise of a choice. */
const item = (width: number) => Array.from({ length: width }, () => 2 * rng.next() - 1);
const utility = ([x = 0, y = 0]: readonly number[]) => 2 * x - y;
const pairsOf = (count: number, width: number, label: (a: number[], b: number[]) => number) =>
  Array.from({ length: count }, () => {
    const [a, b] = [item(width), item(width)];
    return { a, b, label: label(a, b) };
  });
const choice = (a: number[], b: number[]) => (rng.next() < sigmoid(3 * (utility(a) - utility(b))) ? 1 : 0);
const agreement = (head: Parameters<typeof scoreFeatures>[0], pairs: { a: number[]; b: number[] }[]) =>
  pairs.filter(({ a, b }) => scoreFeatures(head, a) > scoreFeatures(head, b) === utility(a) > utility(b)).length /
  pairs.length;

describe("the preference loss", () => {
  it("has the values worked out by hand", () => {
    expect(sigmoid(0.8)).toBeCloseTo(0.69, 3);
    expect(preferenceLoss(0.8, 1).loss).toBeCloseTo(0.3711, 4);
    expect(preferenceLoss(0.8, 1).slope).toBeCloseTo(-0.31, 3);
    expect(preferenceLoss(0.8, 0.7).loss).toBeCloseTo(0.6111, 4);
    expect(preferenceLoss(0.8, 0.7).slope).toBeCloseTo(-0.01, 4);
    expect(preferenceLoss(800, 0).loss).toBeCloseTo(800, 6);
  });

  it("has the slope that differences give", () => {
    for (const [difference, label] of [
      [0.3, 1],
      [-2, 0.2],
      [4, 0],
      [-9, 1],
    ] as const) {
      const h = 1e-5;
      const numeric =
        (preferenceLoss(difference + h, label).loss - preferenceLoss(difference - h, label).loss) / (2 * h);
      expect(preferenceLoss(difference, label).slope).toBeCloseTo(numeric, 7);
    }
  });
});

describe("a head fitted to choices", () => {
  it("agrees with a noise-free judge more the more choices it saw, and not with shuffled ones", () => {
    const held = pairsOf(500, 24, () => 0);
    const of = (count: number) => agreement(fitPairs(pairsOf(count, 24, choice)), held);
    expect(of(32)).toBeGreaterThan(0.6);
    expect(of(512)).toBeGreaterThan(0.9);
    const shuffled = fitPairs(pairsOf(512, 24, () => (rng.next() < 0.5 ? 1 : 0)));
    expect(Math.abs(agreement(shuffled, held) - 0.5)).toBeLessThan(0.15);
  });

  it("does not change when the two sides and the label are exchanged", () => {
    const pairs = pairsOf(40, 6, choice);
    const exchanged = pairs.map(({ a, b, label }) => ({ a: b, b: a, label: 1 - label }));
    const [one, other] = [fitPairs(pairs), fitPairs(exchanged)];
    for (const [i, weight] of one.weights.entries()) expect(other.weights[i]).toBeCloseTo(weight, 9);
  });

  it("is where the gradient vanishes", () => {
    const pairs = pairsOf(60, 5, choice);
    const ridge = 3;
    const head = fitPairs(pairs, ridge);
    const whole = (weights: readonly number[]) =>
      pairs.reduce(
        (sum, { a, b, label }) => {
          const given = { ...head, weights };
          return sum + preferenceLoss(scoreFeatures(given, a) - scoreFeatures(given, b), label).loss;
        },
        (ridge / 2) * weights.reduce((sum, weight) => sum + weight ** 2, 0),
      );
    head.weights.forEach((_, i) => {
      const moved = (by: number) => head.weights.map((weight, j) => (i === j ? weight + by : weight));
      expect((whole(moved(1e-4)) - whole(moved(-1e-4))) / 2e-4).toBeCloseTo(0, 5);
    });
  });

  it("takes features that never change, and one side that is always preferred", () => {
    const pairs = pairsOf(10, 3, () => 1).map(({ a, b, label }) => ({ a: [...a, 5], b: [...b, 5], label }));
    expect(fitPairs(pairs).weights.every(Number.isFinite)).toBe(true);
  });

  it("fits in well under a tenth of a second at the size of the shipped model", () => {
    const pairs = pairsOf(512, 128, choice);
    const start = performance.now();
    fitPairs(pairs);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("a head fitted to single labels", () => {
  it("says how likely an item is good, bias included", () => {
    const items = Array.from({ length: 2000 }, () => {
      const features = item(4);
      return { features, label: rng.next() < sigmoid(2 * utility(features) + 1) ? 1 : 0 };
    });
    const head = fitItems(items, 1);
    const mean = items.reduce((sum, { features }) => sum + sigmoid(scoreFeatures(head, features)), 0) / items.length;
    const share = items.reduce((sum, { label }) => sum + label, 0) / items.length;
    // At the optimum the mean prediction equals the share of positives: the bias is not held by the ridge.
    expect(mean).toBeCloseTo(share, 6);
    expect(sigmoid(scoreFeatures(head, [1, -1, 0, 0]))).toBeGreaterThan(0.95);
  });
});
