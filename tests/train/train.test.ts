import { describe, expect, it } from "vitest";
import {
  freshState,
  type Group,
  isSolver,
  type Json,
  type Method,
  type RunConfig,
  type TrainEvent,
  type TrainState,
} from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { configure, findMethod } from "../../src/methods";
import { policyGradient, policyLesson } from "../../src/methods/lesson";
import { phase } from "../../src/rollout/phase";
import { replayState } from "../../src/telemetry/reducer";
import { train, type World } from "../../src/train";
import { headline } from "../../src/ui/gauges";
import { drain, ScriptedModel, selfPlay } from "./scripted";
import { line, suite, world } from "./world";

const run: RunConfig = {
  method: "azr",
  model: "scripted",
  seed: 3,
  steps: 6,
  overrides: {},
  evaluateTasks: 4,
  evaluateEvery: 2,
};
const small = { proposals: 4, learnabilitySamples: 2, solverTasks: 4, freshTasks: 2, seedTasks: 6 };

const azr = findMethod("azr");
const oneShot = findMethod("one-shot");
const azrConfig = configure(azr, small);
const timeless = (events: readonly TrainEvent[]) => events.map((event) => ({ ...event, ms: 0, timings: {} }));
const kept = (events: readonly TrainEvent[]) => timeless(events.filter(({ type }) => !type.startsWith("live.")));
const collect = async (state?: TrainState, changes: Partial<World> = {}, config = run) =>
  (await drain(train(azr, azrConfig, config, world(changes), state))).events;

describe("the loop", () => {
  it("measures the visitor's own tasks at every evaluation, and the same run otherwise", async () => {
    const own = { ...suite, name: "your-tasks", probe: true };
    const { suites } = world();
    const events = await collect(undefined, { suites: [...suites, own] });
    const isOwn = (event: TrainEvent) => event.type === "evaluate.result" && event.suite === "your-tasks";
    expect(events.filter(isOwn).map((event) => "step" in event && event.step)).toEqual([0, 2, 4, 6]);
    expect(kept(events.filter((event) => !isOwn(event)))).toEqual(kept(await collect()));
  });

  it("adds what the method measures itself to every evaluation", async () => {
    const seen: number[] = [];
    const voting: Method = {
      ...azr,
      async *measure({ index, rng }) {
        seen.push(rng.next());
        yield { type: "live.progress", phase: "evaluate", done: 1, total: 1 };
        return [{ name: "votes/accuracy", value: 0.25, n: index }];
      },
    };
    const { events } = await drain(train(voting, azrConfig, run, world()));
    const own = events.filter((event) => event.type === "evaluate.result" && event.suite === "azr");
    expect(own).toMatchObject(
      [0, 2, 4, 6].map((step) => ({ step, measures: [{ name: "votes/accuracy", value: 0.25, n: step }] })),
    );
    expect(new Set(seen).size).toBe(4);
    expect(kept(events.filter((event) => !own.includes(event)))).toEqual(kept(await collect()));
    expect(headline(replayState(events), "azr").series).toMatchObject([{ label: "votes", values: [25, 25, 25, 25] }]);
  });

  it("tells a run from start to end", async () => {
    const events = await collect();
    expect(events[0]).toMatchObject({
      type: "run.start",
      schema: 1,
      method: "azr",
      seed: 3,
      steps: 6,
      config: azrConfig,
    });
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "done", step: 6 });
    expect(
      events.filter(({ type }) => type === "step.end").map((event) => event.type === "step.end" && event.step),
    ).toEqual([0, 1, 2, 3, 4, 5]);
    const evaluated = events.flatMap((event) =>
      event.type === "evaluate.result" ? [`${event.step} ${event.suite}`] : [],
    );
    expect(evaluated).toEqual([
      "0 in-distribution",
      "0 out-of-distribution",
      "2 in-distribution",
      "4 in-distribution",
      "6 in-distribution",
      "6 out-of-distribution",
    ]);
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  });

  it("stamps preparation before step 0 and every step with its phases in order", async () => {
    const events = await collect();
    const steps = events.flatMap((event) => ("step" in event ? [event.step] : []));
    expect(steps.every((step, index) => index === 0 || step >= (steps[index - 1] ?? 0))).toBe(true);
    expect(steps[0]).toBe(-1);
    const first = events.flatMap((event) => (event.type === "phase.start" && event.step === 0 ? [event.phase] : []));
    expect(first).toEqual(["evaluate", "propose", "verify", "solve", "reward", "advantage", "update"]);
    const end = events.find(({ type }) => type === "step.end");
    expect(end?.type === "step.end" && Object.keys(end.timings)).toEqual([
      "propose",
      "verify",
      "solve",
      "reward",
      "advantage",
      "update",
    ]);
  });

  it("measures every step", async () => {
    const events = await collect();
    const end = events.find(({ type }) => type === "step.end");
    const metrics = end?.type === "step.end" ? end.metrics : {};
    for (const name of [
      "reward/solver",
      "reward/proposer",
      "valid/rate",
      "accuracy/solver",
      "length/completion",
      "trace/share",
      "learnable/share",
    ]) {
      expect(metrics, name).toHaveProperty([name]);
      expect(metrics, name).toHaveProperty([`${name}/deduction`]);
    }
    const samples = events.flatMap((event) => (event.type === "rollout.sample" && event.step === 0 ? [event] : []));
    expect(metrics["tokens/sampled"]).toBe(samples.reduce((sum, { sample }) => sum + sample.logprobs.length, 0));
    const verdicts = new Map(
      events.flatMap((event) => (event.type === "verify.verdict" ? [[event.sampleId, event.verdict.verdict]] : [])),
    );
    const attempts = samples.filter(({ prompt, purpose }) => isSolver(prompt) && purpose === "train");
    const right = attempts.filter(({ sample }) => verdicts.get(sample.id) === "CORRECT").length;
    expect(metrics["accuracy/solver"]).toBeCloseTo(right / attempts.length, 10);
    expect(metrics["buffer/size/deduction"]).toBeGreaterThan(6);
    expect(metrics["policy/learningRate"]).toBeCloseTo(1.5e-4 / 5, 10);
    expect(metrics["unique/share"]).toBeGreaterThan(0.5);
  });

  it("gives the same events for the same seed, and others for another", async () => {
    const once = kept(await collect());
    expect(kept(await collect(undefined, { now: () => 0 }))).toEqual(once);
    expect(kept(await collect(undefined, {}, { ...run, seed: 4 }))).not.toEqual(once);
  });

  it("continues from any step as if it had never stopped", async () => {
    const whole = kept(await collect());
    for (const cut of [1, 2, 3, 5]) {
      const first = new ScriptedModel(selfPlay);
      const state = freshState();
      const before: TrainEvent[] = [];
      for await (const event of train(azr, azrConfig, run, world({ policy: first, learner: first }), state)) {
        before.push(event);
        if (state.step === cut) break;
      }
      const saved = JSON.parse(JSON.stringify({ ...state, memory: [...state.memory] })) as TrainState & {
        memory: [string, Json][];
      };
      const second = new ScriptedModel(selfPlay);
      second.skill = first.skill;
      const after = await collect({ ...saved, memory: new Map(saved.memory) }, { policy: second, learner: second });
      expect(kept([...before, ...after])).toEqual(whole);
    }
  });

  it("learns: the scripted policy's skill rises and the learner sees only credited samples", async () => {
    const model = new ScriptedModel(selfPlay);
    await collect(undefined, { policy: model, learner: model });
    expect(model.skill).toBeGreaterThan(0.35);
    expect(model.updates.length).toBe(6);
    for (const { sequences } of model.updates) {
      expect(
        sequences.every(
          ({ advantage, oldLogprobs, completion }) => advantage !== 0 && oldLogprobs.length === completion.length,
        ),
      ).toBe(true);
    }
  });

  it("ends at a step boundary when it is stopped", async () => {
    const stop = new AbortController();
    const events: TrainEvent[] = [];
    for await (const event of train(azr, azrConfig, run, world({ signal: stop.signal }))) {
      events.push(event);
      if (event.type === "rollout.sample" && event.step === 1) stop.abort();
    }
    expect(events.at(-2)).toMatchObject({ type: "step.end", step: 1 });
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "stopped", step: 2 });
  });

  it("keeps the working time in its state, so that a continued run's goes on from there", async () => {
    const state = freshState();
    const events = await collect(state, {}, { ...run, steps: 1 });
    const end = events.find(({ type }) => type === "step.end");
    const { elapsed } = state;
    expect(elapsed).toBeGreaterThan(0);
    expect(end).toMatchObject({ ms: elapsed });
    const [first] = await collect(state, {}, { ...run, steps: 2 });
    expect(first && "ms" in first && first.ms).toBeGreaterThanOrEqual(elapsed);
  });

  it("draws its curve from at most a hundred tasks per type", async () => {
    const many = parseSuite("in-distribution", Array.from({ length: 120 }, (_, index) => line(index)).join("\n"));
    const events = await collect(undefined, { suites: [many] }, { ...run, steps: 3, evaluateTasks: 110 });
    const measured = events.flatMap((event) =>
      event.type === "evaluate.result" ? [[event.step, event.measures[0]?.n]] : [],
    );
    expect(measured).toEqual([
      [0, 110],
      [2, 100],
      [3, 110],
    ]);
  });

  it("does not count the time an event is held", async () => {
    let clock = 0;
    let last: TrainEvent | undefined;
    for await (const event of train(azr, azrConfig, run, world({ now: () => clock }))) {
      clock += 1000;
      last = event;
    }
    expect(last).toMatchObject({ type: "run.end", ms: 0 });
  });
});

/** A method of as many samples per step as there are rewards; each earns its reward as its advantage. */
function fixed(
  rewards: readonly number[],
  terms: { klCoefficient?: number; entropyCoefficient?: number } = {},
): Method {
  return {
    ...oneShot,
    async *prepare() {},
    async *collect() {
      yield* phase("solve", nothing());
      const prompt = { id: "p", kind: "solver/deduction", text: "", maxNewTokens: 2 };
      const samples = rewards.map((reward, index) => ({
        ...({ id: String(index), text: "", stop: "eos", trace: false, reward, advantage: reward } as const),
        tokens: Int32Array.of(5, 1),
        logprobs: Float32Array.of(-1, -2),
      }));
      const groups: Group[] = [{ prompt: { ...prompt, tokens: Int32Array.of(7, 8, 9) }, samples }];
      return [policyLesson(groups, policyGradient(terms), 0.1)];
    },
  };
}

async function* nothing(): AsyncGenerator<never, void> {}

describe("updates", () => {
  const short: RunConfig = { ...run, steps: 2, evaluateTasks: 0 };

  it("are skipped when every advantage is zero", async () => {
    const model = new ScriptedModel(selfPlay);
    const { events } = await drain(train(fixed([0, 0]), {}, short, world({ policy: model, learner: model })));
    expect(events.flatMap((event) => (event.type === "step.skip" ? [event.reason] : []))).toEqual([
      "every advantage is zero",
      "every advantage is zero",
    ]);
    expect(model.updates).toEqual([]);
    expect(events.some((event) => event.type === "phase.start" && event.phase === "update")).toBe(false);
  });

  /** The sequences of every update. */
  const learned = async (method: Method) => {
    const model = new ScriptedModel(selfPlay);
    const reference = new ScriptedModel(selfPlay);
    await drain(train(method, {}, short, world({ policy: model, learner: model, reference })));
    return model.updates.map(({ sequences }) => sequences);
  };
  const advantages = async (method: Method) =>
    (await learned(method)).map((sequences) => sequences.map(({ advantage }) => advantage));

  it("see prompt, completion, advantage and the log-probabilities of sampling", async () => {
    const [first] = await learned(fixed([1]));
    expect(first).toEqual([
      {
        prompt: Int32Array.of(7, 8, 9),
        completion: Int32Array.of(5, 1),
        advantage: 1,
        oldLogprobs: Float32Array.of(-1, -2),
      },
    ]);
  });

  it("leave samples of zero advantage out, good and bad ones stay", async () => {
    expect(await advantages(fixed([1, 0, -0.5]))).toEqual([
      [1, -0.5],
      [1, -0.5],
    ]);
  });

  it.each([{ klCoefficient: 0.1 }, { entropyCoefficient: 0.1 }])(
    "keep them where other terms act on them, unless nothing has an advantage: %j",
    async (terms) => {
      expect(await advantages(fixed([1, 0], terms))).toEqual([
        [1, 0],
        [1, 0],
      ]);
      expect(await advantages(fixed([0, 0], terms))).toEqual([]);
    },
  );

  it("carry the reference's log-probabilities where there is a KL", async () => {
    const [first] = await learned(fixed([1, 0], { klCoefficient: 0.1 }));
    expect(first?.[1]?.referenceLogprobs).toEqual(Float32Array.of(-0.5, -0.5));
  });

  it("with a KL need a reference", async () => {
    await expect(drain(train(fixed([1, 0], { klCoefficient: 0.1 }), {}, short, world()))).rejects.toThrow(
      /no reference policy/,
    );
  });
});

describe("one-shot in the loop", () => {
  it("runs, and repeats itself", async () => {
    const config = configure(oneShot, {
      exampleRule: "by-hand",
      exampleProgram: "def f(x):\n x=x+3\n return x-1",
      exampleInput: "5",
      groups: 2,
    });
    const go = async () => {
      const model = new ScriptedModel(selfPlay);
      const changes = { policy: model, learner: model, reference: new ScriptedModel(selfPlay) };
      return (await drain(train(oneShot, config, { ...run, steps: 3 }, world(changes)))).events;
    };
    const events = await go();
    expect(events.filter(({ type }) => type === "step.end").length).toBe(3);
    expect(kept(await go())).toEqual(kept(events));
  });
});
