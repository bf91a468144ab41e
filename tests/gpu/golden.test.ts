import { describe, expect, it } from "vitest";
import { readCases } from "../../src/cli/golden-case";
import { checkCase } from "../../src/cli/golden-check";
import { openTestEngine } from "./models";

const { engine, name } = await openTestEngine();

describe.each(readCases("tests/golden"))(`PyTorch's vectors on ${name}: $manifest.name`, (golden) => {
  it("agree in logits, losses, every gradient (those of adapters too), greedy tokens and three AdamW steps", async () => {
    const comparisons = await checkCase(engine, golden);
    expect(comparisons.length).toBeGreaterThan(12);
    expect(comparisons.map(({ group }) => group)).toContain("lora gradients");
    expect(comparisons.filter((c) => !(c.error <= c.tolerance))).toEqual([]);
  });
});
