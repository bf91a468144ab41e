import { describe, expect, it } from "vitest";
import { comparePolicies, MOST_SAMPLES, sampleTask } from "../../src/workers/compare";
import { plusThree } from "../plus-three";
import { FakeVerifier, ScriptedModel, selfPlay } from "../train/scripted";

const task = plusThree({ id: "held/1" });
const request = { task, seed: 3, samples: 40, temperature: 1 };
const verifier = new FakeVerifier();
const texts = (samples: readonly { text: string }[]) => samples.map(({ text }) => text);

describe("compare", () => {
  it("draws equal answers from equal policies, and counts by the verifier", async () => {
    const model = new ScriptedModel(selfPlay);
    const { base, trained, prompt, steps } = await comparePolicies(
      { base: model, trained: model, steps: 2 },
      verifier,
      request,
    );
    expect(prompt).toBe(`<ded>${task.program}<in>4<out>`);
    expect(steps).toBe(2);
    expect(texts(base)).toEqual(texts(trained));
    expect(base).toHaveLength(40);
    for (const { text, verdict, pieces, logprobs } of base) {
      expect(verdict.verdict).toBe(text.endsWith("<ans>7") ? "CORRECT" : "WRONG");
      expect(pieces).toHaveLength(logprobs.length);
    }
  });

  it("shows a better policy to be better on the same draws", async () => {
    const [base, trained] = [new ScriptedModel(selfPlay), new ScriptedModel(selfPlay)];
    trained.skill = 0.9;
    const result = await comparePolicies({ base, trained, steps: 9 }, verifier, request);
    const right = [result.base, result.trained].map((all) => all.map(({ verdict }) => verdict.verdict === "CORRECT"));
    const [before = [], after = []] = right;
    // The script is right where a draw lies under its skill: whatever was right before stays right.
    expect(before.filter((was, index) => was && !after[index])).toEqual([]);
    expect(after.filter(Boolean).length).toBeGreaterThan(before.filter(Boolean).length);
  });

  it("draws both policies from what a cut leaves", async () => {
    const [base, trained] = [new ScriptedModel(selfPlay), new ScriptedModel(selfPlay)];
    await comparePolicies({ base, trained, steps: 1 }, verifier, { ...request, temperature: 0.7, cut: { topP: 0.9 } });
    expect([base.sampling, trained.sampling]).toEqual(Array(2).fill([{ temperature: 0.7, topP: 0.9 }]));
  });

  it("draws others for another seed, and never more than can be read", async () => {
    const model = new ScriptedModel(selfPlay);
    const first = await sampleTask(model, verifier, request);
    expect(texts(await sampleTask(model, verifier, { ...request, seed: 4 }))).not.toEqual(texts(first));
    expect(await sampleTask(model, verifier, { ...request, samples: 1e6 })).toHaveLength(MOST_SAMPLES);
  });
});
