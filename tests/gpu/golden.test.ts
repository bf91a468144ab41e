import { describe, expect, it } from "vitest";
import { readCases } from "../../src/cli/golden-case";
import { checkCase } from "../../src/cli/golden-check";
import { openTestEngine } from "./models";

const { engine, name } = await openTestEngine();

/** As large models are on small adapters: no buffer holds more than 64 rows of a matrix, no more logits exist at a time. */
const SHARDED = { pageBytes: 1, chunkRows: 64 };

describe.each(readCases("tests/golden"))(`PyTorch's vectors on ${name}: $manifest.name`, (golden) => {
  it.each([
    ["whole", {}],
    ["its matrices in shards", SHARDED],
  ])(
    "agree in logits, losses, all gradients (those of adapters too), greedy tokens, three AdamW steps: %s",
    async (_, plan) => {
      const comparisons = await checkCase(engine, golden, plan);
      expect(comparisons.length).toBeGreaterThan(12);
      expect(comparisons.map(({ group }) => group)).toContain("lora gradients");
      expect(comparisons.filter((c) => !(c.error <= c.tolerance))).toEqual([]);
    },
  );
});
