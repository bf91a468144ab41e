import { describe, expect, it } from "vitest";
import { freshState, type Method, type RunConfig, type TrainEvent, type UpdateMetrics } from "../../src/contracts";
import { configure, findMethod } from "../../src/methods";
import { demandFinite } from "../../src/model/finite";
import { blobFile } from "../../src/model/source";
import { readState, type TrainingState, writeState } from "../../src/model/state-file";
import { train } from "../../src/train";
import { ScriptedModel, selfPlay } from "../train/scripted";
import { world } from "../train/world";

const run: RunConfig = {
  ...{ method: "azr", model: "scripted", seed: 3, steps: 4, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};
const azr = findMethod("azr");
const config = configure(azr, { proposals: 4, learnabilitySamples: 2, solverTasks: 4, freshTasks: 2, seedTasks: 6 });

/** The events of a run up to its failure, and what failed. */
async function failing(changes: Parameters<typeof world>[0], method: Method = azr) {
  const events: TrainEvent[] = [];
  const state = freshState();
  const failure = await (async () => {
    for await (const event of train(method, config, run, world(changes), state)) events.push(event);
  })().then(
    () => null,
    (error: unknown) => error,
  );
  return { events, state, failure };
}

/** A learner whose second update has this figure. */
function learner(figure: Partial<UpdateMetrics>) {
  const model = new ScriptedModel(selfPlay);
  let updates = 0;
  return {
    update: async (...given: Parameters<typeof model.update>) => {
      const metrics = await model.update(...given);
      return ++updates === 2 ? { ...metrics, ...figure } : metrics;
    },
  };
}

describe("a run whose numbers stop being finite", () => {
  it.each([
    [{ loss: Number.NaN }, "the loss"],
    [{ gradNorm: Number.POSITIVE_INFINITY }, "the gradient"],
  ])("ends in the step of %o, before that step counts", async (figure, what) => {
    const { events, state, failure } = await failing({ learner: learner(figure) });
    const message = `${what} of step 2 is not a finite number: the training has diverged`;
    expect(failure).toMatchObject({ reason: "diverged", message });
    expect(events.filter(({ type }) => type === "step.end")).toHaveLength(1);
    expect(state.step).toBe(1);
  });

  it("ends at the first sample that was drawn without probabilities, though nothing is learned from it", async () => {
    const spoiled: Method = {
      ...azr,
      async *collect(step) {
        const stage = azr.collect(step);
        let next = await stage.next();
        for (; !next.done; next = await stage.next()) {
          const event = next.value;
          const isLate = event.type === "rollout.sample" && step.index === 1;
          yield isLate ? { ...event, sample: { ...event.sample, logprobs: [-1, Number.NaN] } } : event;
        }
        return next.value;
      },
    };
    const { failure, state } = await failing({}, spoiled);
    expect(failure).toMatchObject({ reason: "diverged", message: expect.stringContaining("of step 2 is not") });
    expect(state.step).toBe(1);
  });
});

describe("the state of the engine", () => {
  const numbers = (...list: number[]) => Float32Array.from(list);
  const state = (changes: Partial<TrainingState> = {}): TrainingState => ({
    ...{ trained: "weights", values: numbers(1, -3e38, 1e-40), firstMoment: numbers(0, 1, 2) },
    ...{ secondMoment: numbers(0, 1, 2), updates: 3, ...changes },
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("with %d is not written", (bad) => {
    expect(() => writeState(state({ values: numbers(1, bad, 2) }))).toThrow(/^the weights are not finite/);
    expect(() => writeState(state({ trained: "adapter", values: numbers(bad) }))).toThrow(/^the adapters/);
    expect(() => writeState(state({ secondMoment: numbers(0, 1, bad) }))).toThrow(/moments of the optimizer/);
    expect(() => demandFinite(numbers(0, bad).subarray(0, 1), "these")).not.toThrow();
    expect(() => demandFinite(numbers(0, bad).subarray(1), "these")).toThrow(/these/);
  });

  it("is read as it was, and refused where an earlier version wrote a number that is not finite", async () => {
    const parts = writeState(state());
    expect(await readState(blobFile("engine.bin", new Blob([...parts])), "weights", 3)).toEqual(state());
    const bytes = Buffer.concat(parts);
    const at = bytes.indexOf(Buffer.from(numbers(-3e38).buffer));
    bytes.writeFloatLE(Number.NaN, at);
    await expect(readState(blobFile("engine.bin", new Blob([bytes])), "weights", 3)).rejects.toMatchObject({
      reason: "model",
      message: "checkpoint: weights has numbers that are not finite",
    });
  });
});
