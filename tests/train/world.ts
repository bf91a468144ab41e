import { parseSuite } from "../../src/evaluate/suite";
import type { World } from "../../src/train";
import { FakeVerifier, ScriptedModel, selfPlay } from "./scripted";

/** One task of a suite. */
export const line = (index: number) =>
  JSON.stringify({
    type: "deduction",
    program: "def f(x):\n return x+3",
    input: String(index),
    output: String(index + 3),
    statements: 1,
  });
export const suite = parseSuite("in-distribution", Array.from({ length: 8 }, (_, index) => line(index)).join("\n"));

/** Everything the loop works with, scripted. */
export function world(changes: Partial<World> = {}): World {
  const model = new ScriptedModel(selfPlay);
  let clock = 0;
  return {
    policy: model,
    learner: model,
    verifier: new FakeVerifier(),
    suites: [suite, { ...suite, name: "out-of-distribution" }],
    heldOut: new Set(),
    seedTasks: [],
    model: { name: "scripted", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 },
    device: "none",
    kernels: {},
    now: () => (clock += 1.5),
    ...changes,
  };
}
