import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { policyLoss, readCases } from "../../src/cli/golden-case";
import type { Loss, TrainingSequence } from "../../src/contracts";
import type { LoadedModel } from "../../src/model/engine";
import { readSafetensors } from "../../src/model/safetensors";
import { magnitude } from "../reference/numbers";
import { openTestEngine } from "./models";

/** Losses that came after the first vectors, computed by PyTorch in float64; see tests/golden/README.md. */
const FOLDER = "tests/golden/losses";
const golden = readCases("tests/golden").find(({ manifest }) => manifest.name === "llama-tiny");
if (!golden) throw new Error("llama-tiny is not among the golden cases");
const losses = JSON.parse(readFileSync(`${FOLDER}/llama-tiny.json`, "utf8")) as Readonly<Record<string, number>>;
const { tensors } = readSafetensors(readFileSync(`${FOLDER}/llama-tiny.safetensors`));
const policy = policyLoss(golden, "token-mean");
if (policy.kind !== "policy-gradient") throw new Error("the golden cases' loss is a policy gradient");

const { engine, name } = await openTestEngine();
const plan = { slots: 4, promptRows: 512, trainingRows: 512 };
/** Tolerances of the first vectors: of losses and forward passes, of gradients. */
const [FORWARD, BACKWARD] = [2e-5, 1e-4];

const vector = (key: string): Float32Array => {
  const found = tensors.get(key) ?? golden.tensors.get(key);
  if (!found) throw new Error(`there is no vector ${key}`);
  return found.data;
};

/** Largest difference, relative to the largest magnitude expected. */
function distance(ours: ArrayLike<number>, expected: Float32Array): number {
  expect(ours.length).toBe(expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs((ours[i] as number) - value)), 0);
  return worst / magnitude(expected);
}

async function withModel(work: (model: LoadedModel) => Promise<void>): Promise<void> {
  const model = await engine.createModel(golden?.manifest.config, golden?.parameters ?? new Map(), null, plan);
  try {
    await work(model);
  } finally {
    model.destroy();
  }
}

/** The sequences with a weight of either sign per completion token. */
const weighted: TrainingSequence[] = [];
let taken = 0;
for (const one of golden.sequences) {
  weighted.push({ ...one, weights: vector("likelihood/weights").slice(taken, taken + one.completion.length) });
  taken += one.completion.length;
}

describe(`golden losses on ${name}`, () => {
  it.each<[string, readonly TrainingSequence[], Loss]>([
    ["likelihood", weighted, { kind: "likelihood" }],
    ["policy_k1", golden.sequences, { ...policy, klEstimator: "k1" }],
    ["policy_k2", golden.sequences, { ...policy, klEstimator: "k2" }],
  ])("%s and every gradient", (key, sequences, loss) =>
    withModel(async (model) => {
      const { metrics, grads } = await model.gradients(sequences, loss);
      const expected = losses[key] ?? Number.NaN;
      expect(Math.abs(metrics.loss - expected)).toBeLessThan(FORWARD * Math.abs(expected));
      expect(grads.size).toBe(golden.parameters.size);
      for (const [parameter, { data }] of grads)
        expect(distance(data, vector(`${key}/grad/${parameter}`)), parameter).toBeLessThan(BACKWARD);
    }),
  );

  it("tell the estimators apart: no gradient of one would pass for that of another", () => {
    const keys = ["policy_k1/grad", "policy_k2/grad", "policy/token_mean/grad"];
    for (const parameter of golden.parameters.keys()) {
      const [k1, k2, k3] = keys.map((key) => vector(`${key}/${parameter}`)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (const [a, b] of [[k1, k2] as const, [k2, k3] as const, [k3, k1] as const])
        expect(distance(a, b), parameter).toBeGreaterThan(5 * BACKWARD);
    }
  });

  it.each([0, 1, 2])("features after layer %i, each sequence's without regard to the others", (layer) =>
    withModel(async (model) => {
      const features = await model.features(golden.sequences, layer, "mean");
      const ours = features.flatMap((row) => [...row]);
      expect(distance(ours, vector(`features/layer${layer}`))).toBeLessThan(FORWARD);
      const [alone] = await model.features(golden.sequences.slice(1, 2), layer, "mean");
      expect([...(alone ?? [])]).toEqual([...(features[1] ?? [])]);
      await expect(model.features(golden.sequences, 3, "mean")).rejects.toThrow(/layer 3 of a model of 2 layers/);
    }),
  );
});

describe(`several updates on one rollout, on ${name}`, () => {
  it("have live ratios: the second clips what the first has moved, and its gap is what was moved", () =>
    withModel(async (model) => {
      const scores = await model.score(golden.sequences);
      const fresh = golden.sequences.map((one, i) => ({ ...one, oldLogprobs: scores[i] as Float32Array }));
      const loss: Loss = { ...policy, temperature: 1, klCoefficient: 0, entropyCoefficient: 0 };
      const first = await model.update(fresh, loss, 0.01);
      const moved = (await model.score(golden.sequences)).map((row, i) =>
        row.reduce((sum, value, at) => sum + Math.abs(value - (scores[i]?.[at] as number)), 0),
      );
      const second = await model.update(fresh, loss, 0.01);
      expect(first.clipFraction).toBe(0);
      expect(first.logprobGap).toBeLessThan(1e-5);
      expect(second.clipFraction).toBeGreaterThan(0.1);
      const gap = moved.reduce((sum, value) => sum + value, 0) / second.tokens;
      expect(Math.abs(second.logprobGap - gap)).toBeLessThan(1e-4 * gap);
      expect(gap).toBeGreaterThan(0.05);
      expect(second.loss).toBeLessThan(first.loss);
    }));

  it("divide by all that was drawn where that is said: half the gradient for twice the tokens", () =>
    withModel(async (model) => {
      const tokens = golden.sequences.reduce((sum, { completion }) => sum + completion.length, 0);
      const whole = await model.gradients(golden.sequences, policy);
      const half = await model.gradients(golden.sequences, policy, { sequences: 99, tokens: 2 * tokens });
      expect(Math.abs(2 * half.metrics.loss - whole.metrics.loss)).toBeLessThan(FORWARD * Math.abs(whole.metrics.loss));
      for (const [parameter, { data }] of half.grads) {
        const doubled = data.map((value) => 2 * value);
        expect(distance(doubled, whole.grads.get(parameter)?.data ?? new Float32Array(0)), parameter).toBeLessThan(
          1e-5,
        );
      }
      // A mean over sequences runs over their number, whatever the tokens.
      const perSequence: Loss = { ...policy, aggregation: "sequence-mean" };
      const all = await model.gradients(golden.sequences, perSequence);
      const third = await model.gradients(golden.sequences, perSequence, {
        sequences: 3 * golden.sequences.length,
        tokens,
      });
      expect(Math.abs(3 * third.metrics.loss - all.metrics.loss)).toBeLessThan(FORWARD * Math.abs(all.metrics.loss));
    }));
});
